# The gateway's image: built in one stage, run in another as a user who may write /data and /vault and nothing else.
#
#   docker build -t fairwatch:0.1.0 .
#
# The base is named by its version and not by a digest: where this was written no registry could be asked. Pin it when you
# build for people: `docker buildx imagetools inspect node:20.20.2-bookworm-slim`, then `FROM node:…@sha256:…` twice.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
# the packages first: their layer stays while only our code changes
COPY package.json package-lock.json .npmrc ./
# no package's script runs: lmdb, sodium-native and msgpackr bring what they need for glibc ready made
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/after-build.mjs scripts/
COPY proto proto
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
LABEL org.opencontainers.image.title="Fairwatch" \
      org.opencontainers.image.description="Gateway and rules engine for the electronic monitoring of people on court orders" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/node:20.20.2-bookworm-slim"
# the numbers are fixed: files of the volumes belong to them, over every new image
RUN groupadd --gid 10001 fairwatch \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin fairwatch \
 && install -d -o 10001 -g 10001 -m 0700 /data /vault \
 && rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-* \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg
WORKDIR /app
# the build's files belong to root: whoever gets into the gateway cannot change it
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/proto proto
COPY --from=build /app/dist/src dist/src
COPY scripts/healthcheck.mjs scripts/
ENV NODE_ENV=production \
    DATA_DIR=/data \
    VAULT_DIR=/vault
USER 10001:10001
# two volumes: a backup of the data must never hold its keys
VOLUME ["/data", "/vault"]
# MQTT over TLS, and the API
EXPOSE 8883 8443
# it stops taking in, commits what is under way, and ends (in less than ten seconds)
STOPSIGNAL SIGTERM
# /livez and not /readyz: a scheduler that restarts what is unhealthy must not restart a gateway because its broker or its
# Redis is away. Who waits for it to be ready, or sends traffic, asks for /readyz (compose.yaml does).
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node", "/app/scripts/healthcheck.mjs", "/livez"]
# `node` is process 1 and gets the signals itself. Two containers on one folder need different process numbers (LMDB): run the
# second one with --init.
ENTRYPOINT ["node", "/app/dist/src/main.js"]
CMD ["serve"]
