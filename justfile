# The front door: `just` lists what can be done here. Each recipe is a plain command that works without `just` too.

set positional-arguments

# List the recipes
_default:
    @just --list --unsorted

# Start the register on a SQLite file, filled with the demo data if it is empty
run *args:
    cargo run -- serve --demo "$@"

# Run all tests on SQLite and on PostgreSQL; arguments go to `cargo test`
test *args:
    ./test "$@"

# Measure speed, memory and growth on both databases and write bench/RESULTS.md (Linux, some minutes)
bench *args:
    cargo bench --locked --bench register -- "$@"

# Format the code
fmt:
    cargo fmt

# Check the format and the lints, as strictly as CI does
lint:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings

# Build the documentation of the code
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked
    @echo "open target/doc/schakel/index.html"

# Write openapi/openapi.json anew (through another file, so that a failure leaves the old one whole)
openapi:
    mkdir -p openapi
    cargo run --quiet -- openapi > target/openapi.json
    mv target/openapi.json openapi/openapi.json

# Check licences, advisories and sources of all dependencies (needs cargo-deny)
deny:
    cargo deny check

# Hold the API document and the pages to linters, generated clients, a browser and schemathesis (needs npm and PyPI)
contract *args:
    contract/run "$@"

# The same requests as in CI and many more: EXAMPLES of each operation
contract-long examples="100":
    EXAMPLES={{examples}} contract/run schemathesis

# Everything that must pass before a change goes in
ci:
    .ci/run

# Build the container image `schakel` (needs docker)
container:
    docker build \
        --build-arg VERSION="$(cargo pkgid | sed 's/.*[#@]//')" \
        --build-arg REVISION="$(git rev-parse HEAD)" \
        --tag schakel .

# Check the container without Docker: build it, run it, hold it to what README.md says (as root; takes long)
container-check *args:
    container/check "$@"

# Build the small, slow-to-build binary of the container: target/dist/schakel
dist:
    cargo build --profile dist --locked
