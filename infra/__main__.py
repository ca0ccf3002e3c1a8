"""The whole deployment, from the namespace to the door. Pulumi runs this file."""

import pulumi
import pulumi_kubernetes as kubernetes

from infra import web
from infra.backup import Backup
from infra.cache import Cache
from infra.commands.identity import stay_home
from infra.database import Database
from infra.environment import Environment
from infra.gateway import Route
from infra.ingress import PublicIngress
from infra.keys import Key
from infra.logs import Logs
from infra.migration import Migration
from infra.monitoring.by_operator import Monitors
from infra.monitoring.grafana import how_to_open
from infra.monitoring.own import Monitoring
from infra.moves import OUTPUT, kept, measured, refuse, there
from infra.namespace import Namespace
from infra.nginx import Nginx
from infra.outputs import how_to_get_the_setup_code
from infra.policies import Policies
from infra.settings import read_settings

settings = read_settings(pulumi.Config())
stay_home(settings, pulumi.get_stack())
before = there()
if moves := refuse(before, settings):
    raise pulumi.RunError("\n".join(moves))
# Whatever other hands changed, such as `kubectl scale`, is taken back where it is declared here.
cluster = kubernetes.Provider("cluster", context=settings.context or None, enable_patch_force=True)
inside = pulumi.ResourceOptions(providers=[cluster])

namespace = Namespace(settings, inside)
Policies(settings, namespace.name, inside)
key = Key(settings, namespace.name, inside)
database = Database(settings, namespace.name, inside)
environment = Environment(settings, namespace.name, inside)
migration = Migration(settings, namespace.name, database.secret, inside)
secrets = [key.secret, database.secret]
if settings.cache != "none":
    secrets.append(Cache(settings, namespace.name, inside).secret)
serving = web.serve(settings, environment, secrets)
board = web.Web(settings, namespace.name, serving, migration.job, inside)
nginx = Nginx(settings, namespace.name, board.service, inside)
if settings.ingress:
    PublicIngress(settings, namespace.name, nginx.service, inside)
if settings.gateway:
    Route(settings, namespace.name, nginx.service, inside)
if settings.monitoring == "operator":
    Monitors(settings, namespace.name, inside)
if measured(before, settings):
    Monitoring(settings, namespace.name, inside)
backup = Backup(settings, namespace.name, database.secret, inside)
if settings.has_logs:
    Logs(settings, inside)
if database.new_password:
    database.new_password.refuse_others([board.deployment, *backup.jobs])

pulumi.export("url", settings.url)
pulumi.export("namespace", namespace.name)
pulumi.export("setupCode", how_to_get_the_setup_code(settings))
if settings.monitoring == "own":
    pulumi.export("grafana", how_to_open(settings))
pulumi.export(OUTPUT, kept(settings, backup.storage_class, measured=measured(before, settings)))
