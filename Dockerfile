# Two stages: the first compiles, the second holds the program and the few files that it needs. There is no shell in it
# and no other program, so whoever finds a way in finds nothing to run, and there is little that can have a hole.

FROM rust:1.95-slim-bookworm AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# SQLite, libpq, OpenSSL and jemalloc are built from source: a C compiler is in the image already, make and the whole
# perl are not. Their versions are not pinned: Debian keeps one version of a package at a time, so a pin fails at the next
# security fix.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates gcc libc6-dev make perl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
# Migrations and demo data are compiled into the binary.
COPY migrations migrations
COPY demo demo
COPY src src
# `dist` is small and takes long; `release` takes less, for trying a change of this file.
ARG PROFILE=dist
# The two caches stay on the machine that builds, so that the next build compiles only what changed.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo install --path . --locked --no-track --profile "${PROFILE}" --root /image/usr/local
# What the binary needs of Debian: the C library (which cannot look up hosts when it is linked statically) and how to
# look them up; certificates, for a PostgreSQL server whose own is to be verified. Their notes of copyright go with
# them, and what dpkg knows of them, so that scanners see which versions these are.
WORKDIR /image
RUN ldd usr/local/bin/schakel | grep --only-matching '/[^ ]*' \
        | xargs cp --parents --dereference --target-directory=. \
    && cp --parents --dereference --target-directory=. \
        /etc/nsswitch.conf /etc/os-release /etc/ssl/certs/ca-certificates.crt \
    && mkdir --parents /empty var/lib/dpkg/status.d \
    && for package in ca-certificates libc6 libgcc-s1; do \
        cp --parents --dereference --target-directory=. "/usr/share/doc/${package}/copyright"; \
        dpkg-query --status "${package}" > "var/lib/dpkg/status.d/${package}"; \
    done
COPY LICENSE usr/share/doc/schakel/LICENSE

FROM scratch
COPY --from=build /image /
# A new named volume takes over the owner of the folder on which it is mounted.
COPY --from=build --chown=10001:10001 /empty /data
# By number, so that a platform that refuses root can see that this is not root.
USER 10001:10001
# The OpenSSL in the binary looks for certificates where SSL_CERT_FILE says.
ENV DATA_DIR=/data \
    LISTEN_ADDR=0.0.0.0:8080 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
# SQLite sorts what is too large for memory in a file. There is no /tmp, so it takes the folder in which it was started:
# nothing but the volume need be writable, and on PostgreSQL nothing at all.
WORKDIR /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# Asks the service at LISTEN_ADDR whether it and its database are ready. Podman leaves this out, unless it builds with
# `--format docker`.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["/usr/local/bin/schakel", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/schakel"]
CMD ["serve"]
# Last, because they change with each build.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Schakel" \
      org.opencontainers.image.description="Open register of regional cooperation between schools, municipalities and youth care in the Netherlands" \
      org.opencontainers.image.licenses="EUPL-1.2" \
      org.opencontainers.image.source="https://github.com/schakel-register/schakel" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
