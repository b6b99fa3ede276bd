# Errand itself: serve, work and door, as one image. The image that agents run in is another, of runtime/Dockerfile.
#
#   docker build -t errand .                        (podman build --format docker, buildah build --format docker: the same)
#   docker run --read-only … errand start           (or serve, work, door, doctor, hooks, audit)
#
# BASE may be any image made of Debian or Ubuntu. No step needs a secret. HTTP_PROXY, HTTPS_PROXY and NO_PROXY are build arguments
# everywhere; npm's packages come from where --build-arg NPM_CONFIG_REGISTRY=… or --secret id=npmrc,src=FILE says, Debian's from where
# BASE gets them. --secret id=ca,src=FILE: the CA bundle to trust for npm. Neither file becomes a part of the image.

ARG BASE=debian:12.15-slim

# Node and npm, to build with.
FROM ${BASE} AS node
USER 0
ARG NODE=24.21.0
ARG NPM_CONFIG_REGISTRY
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/secrets/ca \
    set -eu; \
    if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
    case "$(dpkg --print-architecture)" in amd64) cpu=x64 ;; arm64) cpu=arm64 ;; *) echo 'amd64 and arm64 only' >&2; exit 1 ;; esac; \
    if ! command -v npm; then apt-get update -q; DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends npm; fi; \
    npm install --global --prefix /opt/node --ignore-scripts --no-audit --no-fund --cache /tmp/npm "node-linux-$cpu@$NODE"; \
    mkdir -p /opt/errand/bin; \
    cp "/opt/node/lib/node_modules/node-linux-$cpu/bin/node" /opt/errand/bin/node
ENV PATH=/opt/errand/bin:${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
WORKDIR /build
COPY package.json package-lock.json .npmrc ./

# What runs: no development, no optional packages, and of the others nothing that only a compiler or a debugger reads.
FROM node AS packages
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/secrets/ca \
    set -eu; \
    if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
    npm ci --omit=dev --omit=optional --cache /tmp/npm; \
    find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete; \
    rm -rf node_modules/@types node_modules/.bin; \
    find node_modules -type d -empty -delete

# The page: React and Vite, into static files.
FROM node AS page
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/secrets/ca \
    if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
    npm ci --cache /tmp/npm
COPY . .
RUN npm run build

# The sources, readable for any user, whatever the umask of whoever checked them out.
FROM ${BASE} AS sources
USER 0
COPY . /opt/errand
COPY --from=packages /build/node_modules /opt/errand/node_modules
COPY --from=page /build/dist /opt/errand/dist
RUN rm -rf /opt/errand/src/web /opt/errand/vite.config.ts /opt/errand/tsconfig.json /opt/errand/package-lock.json /opt/errand/.npmrc; \
    chmod -R u=rwX,go=rX /opt/errand

FROM ${BASE}
USER 0
RUN set -eu; \
    apt-get update -q; \
    DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends ca-certificates tini; \
    printf '#!/bin/sh\nexec /opt/errand/bin/node --max-semi-space-size=8 /opt/errand/src/main.ts "$@"\n' > /usr/local/bin/errand; \
    chmod 755 /usr/local/bin/errand; \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/*.log
COPY --from=node /opt/errand/bin /opt/errand/bin
COPY --from=sources /opt/errand /opt/errand

ENV NODE_ENV=production HOME=/tmp LANG=C.UTF-8
# Nothing is written: /tmp may be small, or missing.
WORKDIR /opt/errand
USER 1000:1000
# 8080: webhooks and people. 8081: the door, for the runs. 9464: metrics and health.
EXPOSE 8080 8081 9464
# For health.port as it is by default; Kubernetes has probes of its own.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["/opt/errand/bin/node", "-e", "fetch('http://127.0.0.1:9464/livez').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/errand"]
CMD ["start"]

ARG BASE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Errand" \
      org.opencontainers.image.description="A GitLab bot: comment /agent and what to do, get a merge request" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${BASE}"
