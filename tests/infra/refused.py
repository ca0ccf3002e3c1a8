"""Settings that are refused, and how the sentence begins that says so."""

from tests.infra.scenarios import (
    API_KEY,
    AUTHORITY,
    OUTSIDE,
    PROVIDER_SECRETS,
    PROVIDERS,
    REDIS_URL,
)

POSTGRES = "postgresql://board:a-secret-password@db.example.org/board"
LOGS = "https://logs.example.org:9200"
EXTERNAL = {"database": "external", "databaseUrl": POSTGRES}

REFUSED: list[tuple[dict[str, object], str]] = [
    ({"image": ""}, "image is not set: name an image with `pulumi config set image IMAGE:TAG`."),
    ({"image": "a b"}, "image must be an image such as name:tag, not 'a b'."),
    (
        {"image": "board"},
        "image has no exact tag, so nobody knows what runs; name one, or set dev.",
    ),
    ({"image": "reg.example.org:5000/board"}, "image has no exact tag"),
    ({"image": "board:latest"}, "image has no exact tag"),
    ({"nginxImage": "nginx"}, "nginxImage has no exact tag"),
    ({"postgresImage": "postgres:latest"}, "postgresImage has no exact tag"),
    ({"cloudnativepgImage": "pg"}, "cloudnativepgImage has no exact tag"),
    ({"valkeyImage": "valkey/valkey"}, "valkeyImage has no exact tag"),
    ({"dev": "perhaps"}, "dev must be one of true, false, not 'perhaps'."),
    ({"namespace": "My Board"}, "namespace must be a name of small letters, digits and hyphens"),
    ({"host": "https://board.example.org"}, "host must be a host name such as board.example.org"),
    ({"host": "board.example.org:443"}, "host must be a host name"),
    ({"host": "192.0.2.1"}, "host must be a host name"),
    ({"path": "board"}, "path must be empty or a path such as /board, not 'board'."),
    ({"host": "board_1.example.org"}, "host must be a host name"),
    (
        {"replicas": 1},
        "replicas must be 2 or more, so that a rollout or a lost node interrupts nobody.",
    ),
    ({"replicas": 0}, "replicas must be a whole number from 1 to 100, not '0'."),
    ({"maxReplicas": 2}, "maxReplicas must be more than replicas, or 0 for no autoscaler."),
    ({"workers": "many"}, "workers must be a whole number from 1 to 64, not 'many'."),
    ({"streamsTotal": 0}, "streamsTotal must be a whole number"),
    ({"streamsPerUser": -1}, "streamsPerUser must be a whole number"),
    ({"logLevel": "LOUD"}, "logLevel must be one of DEBUG, INFO, WARNING, ERROR, not 'LOUD'."),
    ({"secretKey": "short"}, "secretKey holds a key shorter than 32 bytes"),
    ({"smtpUrl": "mail.example.org", **OUTSIDE}, "smtpUrl must be such as smtp://user:password@"),
    (
        {"smtpUrl": "smtp://mail.example.org?from=board@example.org"},
        "smtpUrl is set, so host must be the name people type: links in mails begin with it.",
    ),
    ({"providers": "corp", **OUTSIDE}, "providers must be lines such as OIDC_CORP_CLIENT_ID=board"),
    ({"providers": "SECRET_KEY=x", **OUTSIDE}, "providers must be lines such as OIDC_CORP_CLIENT"),
    (
        {"providers": PROVIDER_SECRETS, **OUTSIDE},
        "providers holds OIDC_CORP_CLIENT_SECRET, which is a secret: it belongs in providerSecrets",
    ),
    (
        {"providers": "OIDC_CORP_CLIENT_SECRET_FILE=/etc/hostname", **OUTSIDE},
        "providers holds OIDC_CORP_CLIENT_SECRET_FILE, which is a secret: it belongs in provider",
    ),
    (
        {"providerSecrets": "OIDC_CORP_LABEL=x"},
        "providerSecrets holds more than OIDC_<NAME>_CLIENT",
    ),
    (
        {"providers": "OIDC_CORP_ISSUER=http://id.example.org", **OUTSIDE},
        "providers can't be used: OIDC_CORP_ISSUER must be the provider's https:// address",
    ),
    (
        {"providerSecrets": PROVIDER_SECRETS, **OUTSIDE},
        "providers can't be used: OIDC_CORP_ISSUER is not set. OIDC_CORP_CLIENT_ID is not set.",
    ),
    ({"providers": PROVIDERS}, "providers is set, so host must be the name people type, or public"),
    ({"passwordSignIn": False}, "passwordSignIn is false, and providers names none"),
    ({"providerNetworks": "id"}, "providerNetworks holds 'id'"),
    ({"authorities": "/etc/ca.pem"}, "authorities must be certificates in PEM, each from BEGIN"),
    ({"authorities": f"{AUTHORITY}\n{AUTHORITY[:99]}"}, "authorities must be certificates in PEM"),
    ({"authorities": "-----BEGIN PRIVATE KEY-----"}, "authorities holds a private key: it takes"),
    ({"publicUrl": "board.example.org"}, "publicUrl must be the board's address for browsers"),
    ({"publicUrl": "https://b.example.org", "path": "/board"}, "publicUrl must have the path that"),
    ({"publicUrl": "https://b.example.org/board"}, "publicUrl must have the path that path names"),
    ({"podNetworks": "pods"}, "podNetworks holds 'pods', which is no IP address or network"),
    ({"trustedProxies": "10.0.0.1/8"}, "trustedProxies holds '10.0.0.1/8', which is no IP address"),
    ({"database": "mysql"}, "database must be one of statefulset, cloudnativepg, external"),
    ({"database": "external"}, "databaseUrl is not set, and database is external"),
    (
        {"database": "external", "databaseUrl": "sqlite:///board.sqlite3"},
        "databaseUrl names a SQLite file, which serves one pod only: name a PostgreSQL database.",
    ),
    ({"database": "external", "databaseUrl": "mysql://db/board"}, "databaseUrl is no URL such as"),
    ({"database": "external", "databaseUrl": "postgresql://db"}, "databaseUrl is no URL such as"),
    (
        {"database": "external", "databaseUrl": "postgresql://db:port/board"},
        "databaseUrl is no URL such as",
    ),
    (
        {"database": "external", "databaseUrl": "postgresql://localhost/board"},
        "databaseUrl must name a host that pods reach; localhost is the pod itself.",
    ),
    ({"databaseUrl": POSTGRES}, "databaseUrl is set, so database must be external"),
    ({"databaseNetworks": "db"}, "databaseNetworks holds 'db'"),
    ({"cache": "redis"}, "cache must be one of none, valkey, external, not 'redis'."),
    ({"cache": "external"}, "redisUrl is not set, and cache is external: name it with `pulumi"),
    ({"redisUrl": REDIS_URL}, "redisUrl is set, so cache must be external, or redisUrl removed."),
    (
        {"cache": "external", "redisUrl": "redis://127.0.0.1:6379"},
        "redisUrl must name a host that pods reach; localhost is the pod itself.",
    ),
    ({"redisNetworks": "redis"}, "redisNetworks holds 'redis'"),
    ({"databasePool": 4}, "databasePool must be a whole number from 5 to 500, not '4'."),
    (
        {"replicas": 13},
        "The board may open 309 connections, more than the 300 of databaseConnections: raise it, "
        "or lower databasePool, workers, replicas or maxReplicas.",
    ),
    (
        {"maxReplicas": 30},
        "The board may open 666 connections, more than the 300 of databaseConnections: lower "
        "databasePool, workers, replicas or maxReplicas.",
    ),
    ({"databaseConnections": 24}, "databaseConnections must be a whole number from 25 to 500"),
    (
        {**EXTERNAL, "databasePasswordNumber": 2},
        "databasePasswordNumber changes the password of the StatefulSet's database, and database "
        "is external: change it there.",
    ),
    (
        {"dnsLabels": "kube-dns"},
        "dnsLabels must be labels such as k8s-app=kube-dns, separated by commas, not 'kube-dns'.",
    ),
    ({"databaseInstances": 0}, "databaseInstances must be a whole number from 1 to 9, not '0'."),
    ({"databaseStorage": "10 GB"}, "databaseStorage must be a size such as 10Gi, not '10 GB'."),
    ({"backupStorage": "0Gi"}, "backupStorage must be a size such as 10Gi, not '0Gi'."),
    ({"backupKeep": 0}, "backupKeep must be a whole number from 1 to 1000, not '0'."),
    ({"backupSchedule": "@daily"}, "backupSchedule must be cron's five fields"),
    ({"storageClass": "Fast"}, "storageClass must be a name of small letters"),
    ({"nginxReplicas": 0}, "nginxReplicas must be a whole number from 1 to 100, not '0'."),
    ({"nodePort": 80}, "nodePort must be from 30000 to 32767, or 0 for none, not '80'."),
    ({"nodePortTls": 40000}, "nodePortTls must be from 30000 to 32767"),
    ({"nodePort": 0}, "nodePort is 0, and neither ingress nor gateway is set"),
    (
        {"tlsSecret": "board-tls", "nodePortTls": 30080},
        "nodePortTls must be another port than nodePort.",
    ),
    ({"tlsSecret": "Board TLS"}, "tlsSecret must be a name of small letters"),
    ({"ingress": True, "trustedProxies": "10.0.0.0/8"}, "host must be the name people type"),
    ({"gateway": "public", "trustedProxies": "10.0.0.0/8"}, "host must be the name people type"),
    ({"ingress": True, "host": "board.example.org"}, "trustedProxies must name the networks of"),
    ({"ingress": True, **OUTSIDE, "ingressClass": "my/class"}, "ingressClass must be a name of"),
    ({"ingress": True, **OUTSIDE, "certManagerIssuer": "le"}, "certManagerIssuer needs ingressTls"),
    ({"ingressTlsSecret": "board-tls"}, "ingressTlsSecret is set, but ingress is not."),
    ({"logs": "loki"}, "logs must be one of none, elasticsearch, not 'loki'."),
    ({"elasticsearchUrl": LOGS}, "elasticsearchUrl is set, but logs is none."),
    (
        {"logs": "elasticsearch"},
        "elasticsearchUrl is not set, and logs is elasticsearch: name yours. One that is made here "
        "is to try it with, and needs dev.",
    ),
    (
        {"logs": "elasticsearch", "elasticsearchUrl": LOGS},
        "elasticsearchApiKey is not set: Filebeat needs one at elasticsearchUrl.",
    ),
    (
        {"logs": "elasticsearch", "dev": True, "elasticsearchApiKey": API_KEY},
        "elasticsearchApiKey is set, but elasticsearchUrl is not.",
    ),
    ({"elasticsearchUrl": "http://logs.example.org"}, "elasticsearchUrl must be an address such"),
    ({"elasticsearchUrl": "https://logs:port"}, "elasticsearchUrl must be an address such as"),
    (
        {"elasticsearchUrl": "https://a:b@logs.example.org"},
        "elasticsearchUrl holds a password: the key to it belongs in elasticsearchApiKey.",
    ),
    ({"elasticsearchApiKey": "key"}, "elasticsearchApiKey is no API key: it is id:api_key, or"),
    ({"elasticsearchNetworks": "logs"}, "elasticsearchNetworks holds 'logs', which is no IP"),
    ({"logDays": 0}, "logDays must be a whole number from 1 to 3650, not '0'."),
    ({"filebeatImage": "filebeat"}, "filebeatImage has no exact tag"),
    ({"elasticsearchStorage": "10 GB"}, "elasticsearchStorage must be a size such as 10Gi"),
    (
        {"logs": "elasticsearch", "dev": True, "namespace": "n" * 59},
        "namespace must have 58 letters at most: -logs comes after it where logs is elasticsearch.",
    ),
    ({"gateway": "Public!", **OUTSIDE}, "gateway must be a name of small letters"),
    ({"monitoring": "yes"}, "monitoring must be one of none, operator, own, not 'yes'."),
    (
        {"monitoring": "operator"},
        "monitoringNamespace must name where the operator's Prometheus runs: nothing else may ask "
        "the board for its metrics.",
    ),
    (
        {"monitoring": "own", "monitoringNamespace": "x"},
        "monitoringNamespace is where an operator's Prometheus runs, and monitoring is own.",
    ),
    (
        {"alertmanagerUrl": "http://alerts.example.org"},
        "alertmanagerUrl is what a Prometheus of its own tells, and monitoring is none",
    ),
    (
        {"monitoring": "own", "alertmanagerUrl": "alerts.example.org:9093"},
        "alertmanagerUrl must be such as http://server.example:9093, without a password.",
    ),
    ({"tracesEndpoint": "grpc://collector:4317"}, "tracesEndpoint must be such as http://server"),
    ({"monitoring": "own", "namespace": "n" * 53}, "namespace must have 52 letters at most: -mon"),
    ({"monitoringStorage": "10GB"}, "monitoringStorage must be a size such as 10Gi, not '10GB'."),
    ({"monitoringDays": 0}, "monitoringDays must be a whole number from 1 to 3650, not '0'."),
    ({"monitoringLabels": "stack"}, "monitoringLabels must be labels such as k8s-app=kube-dns"),
    ({"prometheusImage": "prom/prometheus"}, "prometheusImage has no exact tag"),
    ({"grafanaImage": "grafana/grafana:latest"}, "grafanaImage has no exact tag"),
]
