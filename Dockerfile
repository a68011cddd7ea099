# Two stages: the first compiles, the second holds nothing but Debian, the binary and its licence.
# Both are Debian bookworm, because the binary is linked against the C library of the stage that built it.

FROM rust:1.95-slim-bookworm AS build
# SQLite, libpq and OpenSSL are built from source: a C compiler is in the image already, make and the whole perl are not.
# Their versions are not pinned: Debian keeps one version of a package at a time, so a pin fails at the next security fix.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates gcc libc6-dev make perl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# First the dependencies against an empty crate: this layer, which takes minutes, is built anew only when they change.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src tests/it \
    && touch src/lib.rs \
    && echo 'fn main() {}' > src/main.rs \
    && cp src/main.rs tests/it/main.rs \
    && cargo build --profile dist --locked \
    && rm -r src tests/it/main.rs target/dist/.fingerprint/schakel-*
# Then the register itself; migrations and demo data are compiled into the binary.
COPY migrations migrations
COPY demo demo
COPY src src
RUN touch tests/it/main.rs \
    && cargo build --profile dist --locked

FROM debian:bookworm-slim
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Schakel" \
      org.opencontainers.image.description="Open register of regional cooperation between schools, municipalities and youth care in the Netherlands" \
      org.opencontainers.image.licenses="EUPL-1.2" \
      org.opencontainers.image.source="https://github.com/schakel-register/schakel" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY LICENSE /usr/share/doc/schakel/LICENSE
# For a PostgreSQL server whose certificate is to be verified; the OpenSSL in the binary looks where this variable says.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /build/target/dist/schakel /usr/local/bin/schakel
# By number, so that a platform that refuses root can see that this is not root.
RUN install --directory --owner=10001 --group=10001 --mode=0750 /data
USER 10001:10001
ENV DATA_DIR=/data \
    DATABASE_URL=sqlite:///data/schakel.db \
    LISTEN_ADDR=0.0.0.0:8080 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/schakel"]
CMD ["serve"]
