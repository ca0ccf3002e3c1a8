# The board as an image with nothing in it but the program and what that needs to run:
#
#   docker build -t board --build-arg SOURCE_COMMIT="$(git rev-parse HEAD)" .
#
# No argument is needed. With SOURCE_COMMIT `--version` names what was built, and with
# SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" two builds of a commit are the same layers.

# Debian 13: on arm64 there is no wheel of pysqlite3, and the SQLite of Debian 12 is too old.
FROM python:3.13.15-slim-trixie AS build

RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /build
ENV VIRTUAL_ENV=/build/.venv PATH=/opt/pdm/bin:$PATH PDM_CHECK_UPDATE=0
RUN python -m venv /opt/pdm \
    && pip install "pdm[locked]==2.29.3" \
    && python -m venv --without-pip "$VIRTUAL_ENV"

COPY pyproject.toml pdm.lock ./
RUN pdm install --check --no-self --dev --group build

COPY . .
ARG SOURCE_COMMIT=unknown
ARG SOURCE_DATE_EPOCH=0
# Without isolation: else the build backend would be the newest one, not the locked one.
RUN pdm install --check --no-isolation --dev --group build \
    && pdm run build \
    && pdm run python -m infra.image /image


FROM scratch

# Two layers: the first one stays the same over most releases.
COPY --from=build /image/system/ /
COPY --from=build /image/program/ /

# OpenSSL is there twice, Python's and libpq's; each would look for certificates in its own place.
# A fixed threshold lets the 19 MiB that a password's hash needs go back at once; glibc's own one
# grows, and they would stay.
ENV HOST=0.0.0.0 \
    DATA_DIR=/data \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    MALLOC_MMAP_THRESHOLD_=131072
EXPOSE 8000
VOLUME /data
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["/app/htmx-fastapi-service", "health"]
ENTRYPOINT ["/app/htmx-fastapi-service"]
CMD ["serve"]

ARG SOURCE_COMMIT=unknown
ARG VERSION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="HTMX-FastAPI Service" \
    org.opencontainers.image.description="A self-hosted live message board for a team" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$SOURCE_COMMIT" \
    org.opencontainers.image.created="$CREATED" \
    org.opencontainers.image.source="$SOURCE"
