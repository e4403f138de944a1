# Common tasks; each is one command that also works without just.

# The demo hotel on http://127.0.0.1:8080
demo:
    cargo run --release -- demo

# Everything: format, lints, all tests on both databases and in a browser
test:
    ./test

# The hot paths
bench:
    cargo bench --bench desk --bench rooms
