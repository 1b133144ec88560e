# Sourced by the other scripts: finds what they need or installs it, saying one line for each thing
# it installs. What is no Debian package goes to a cache outside the tree, where it outlives a clone.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Nothing here may ask a question, and a build must not inherit another make's job slots.
export DEBIAN_FRONTEND=noninteractive
unset MAKEFLAGS MFLAGS

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/hutch
mkdir -p "$cache/logs"
export PATH="$cache/tools/bin:$cache/node/node_modules/.bin:${HOME:-/root}/.cargo/bin:$PATH"

# A Raspberry Pi has more cores than memory for: about 1 GiB a compiler.
if [ -z "${CARGO_BUILD_JOBS:-}" ]; then
    gib=$(awk '/^MemTotal:/ { print int($2 / 1048576 + 0.5) }' /proc/meminfo)
    cores=$(nproc)
    CARGO_BUILD_JOBS=$((gib < 1 ? 1 : gib < cores ? gib : cores))
    export CARGO_BUILD_JOBS
fi

say() { printf 'hutch: %s\n' "$*"; }

stop() {
    printf 'hutch: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least HAVE WANTED: whether version HAVE is WANTED or newer.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# quietly LOG COMMAND...: runs it, shows its last words only if it fails.
quietly() {
    local log=$cache/logs/$1.log
    shift
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        stop "'$*' failed; the whole log is $log"
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

# apt_install PACKAGE...
apt_install() {
    have apt-get || stop "this machine has no apt-get: please install $* yourself and try again"
    [ "$(id -u)" = 0 ] || have sudo || stop "please run this as root once: apt-get install $*"
    # The password is asked for here, where the question can be seen.
    [ "$(id -u)" = 0 ] || ! [ -t 0 ] || sudo -v
    apt_lists
    say "installing $*"
    quietly apt as_root apt-get install --yes --quiet --no-install-recommends "$@"
    hash -r
}

# Fetches the package lists once a run.
apt_lists() {
    [ -z "${apt_lists_are_fresh:-}" ] || return 0
    quietly apt-lists as_root apt-get update --quiet
    apt_lists_are_fresh=yes
}

# need COMMAND PACKAGE...: installs the packages unless the command is there.
need() {
    local command=$1
    shift
    have "$command" || apt_install "$@"
}

apt_candidate() { apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'; }

cargo_version() { cargo --version 2>/dev/null | awk '{ print $2 }'; }

cargo_is_new_enough() { have cargo && have rustc && at_least "$(cargo_version)" "$rust_version"; }

need_cargo() {
    rust_version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
    ! cargo_is_new_enough || return 0
    if have apt-get && ! have rustup; then
        [ "$(id -u)" = 0 ] || ! [ -t 0 ] || ! have sudo || sudo -v
        apt_lists
        if at_least "$(apt_candidate cargo)" "$rust_version"; then
            apt_install cargo rustc
        elif at_least "$(apt_candidate cargo-web)" "$rust_version"; then
            apt_install cargo-web rustc-web
        elif [ -n "$(apt_candidate rustup)" ]; then
            apt_install rustup
        fi
    fi
    if ! cargo_is_new_enough && have rustup; then
        say "installing the stable Rust toolchain with rustup"
        quietly rustup rustup toolchain install stable --profile minimal --no-self-update
        quietly rustup rustup default stable
        hash -r
    fi
    cargo_is_new_enough || stop "Hutch needs Rust $rust_version or newer, and this machine's packages have none:" \
        "please install it as https://rustup.rs says and try again"
}

need_cargo_build() {
    need_cargo
    # C for SQLite, the TLS cryptography and libopus; the last is built by cmake.
    need cc gcc libc6-dev
    need c++ g++
    need cmake cmake
    need make make
}

# rustfmt and clippy come from where cargo came from.
need_rust_lints() {
    ! { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 || return 0
    if have rustup; then
        say "installing rustfmt and clippy with rustup"
        quietly rustup rustup component add rustfmt clippy
    elif dpkg -s cargo-web >/dev/null 2>&1; then
        apt_install rustfmt-web rust-web-clippy
    else
        apt_install rustfmt rust-clippy
    fi
}

# need_cargo_tool NAME VERSION: a program from crates.io, built once into the cache.
need_cargo_tool() {
    local name=$1 version=$2
    [ "$("$name" --version 2>/dev/null | awk '{ print $2 }')" != "$version" ] || return 0
    say "building $name $version (minutes, once)"
    # Our own lints and flags are none of its business.
    quietly "$name" env CARGO_TARGET_DIR="$cache/tools/build" \
        cargo install --locked --quiet --force --version "$version" --root "$cache/tools" "$name"
    rm -rf "$cache/tools/build"
}

need_cargo_deny() { need_cargo_tool cargo-deny 0.20.2; }
need_cargo_deb() { need_cargo_tool cargo-deb 3.8.0; }

# A program built with it has the list of what is linked into it, for whoever looks for known weaknesses.
need_cargo_auditable() {
    # Asked for its version it answers as cargo does.
    [ -x "$cache/tools/bin/cargo-auditable" ] || need_cargo_tool cargo-auditable 0.7.7
}

# Lists what a program is made of, for whoever has to account for it.
need_cargo_cyclonedx() {
    # It gives its version as a subcommand of cargo alone.
    have cargo-cyclonedx && [ "$(cargo-cyclonedx cyclonedx --version | awk '{ print $2 }')" = 0.5.9 ] ||
        need_cargo_tool cargo-cyclonedx 0.5.9
}

# What makes programs for arm64 on another machine, and runs them.
need_cross_arm64() {
    if ! dpkg --print-foreign-architectures | grep -qx arm64; then
        as_root dpkg --add-architecture arm64
        apt_lists
    fi
    local packages=(rustc-web cargo-web libstd-rust-web-dev:arm64 gcc-aarch64-linux-gnu g++-aarch64-linux-gnu
        libc6-dev-arm64-cross qemu-user-static)
    dpkg -s "${packages[@]}" >/dev/null 2>&1 || apt_install "${packages[@]}"
}

need_cargo_fuzz() { need_cargo_tool cargo-fuzz 0.13.2; }

node_is_new_enough() { have node && have npm && at_least "$(node --version 2>/dev/null | tr -d v)" 20.19; }

# Debian 12 has an older Node.js; the npm registry has newer ones as packages.
need_node() {
    ! node_is_new_enough || return 0
    need npm npm nodejs
    ! node_is_new_enough || return 0
    local machine
    case "$(uname -m)" in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    *) stop "the tests of the page need Node.js 20.19 or newer: please install it and try again" ;;
    esac
    say "installing Node.js 24 and npm 11 into $cache/node"
    quietly node npm install --prefix "$cache/node" --no-save --no-audit --no-fund --ignore-scripts \
        "node-linux-$machine@24" npm@11
    mkdir -p "$cache/node/node_modules/.bin"
    ln -sf "../node-linux-$machine/bin/node" "$cache/node/node_modules/.bin/node"
    hash -r
    node_is_new_enough || stop "the Node.js in $cache/node does not start: please remove that folder and try again"
}

# The development tools of the page, as its lock file names them.
need_node_modules() {
    need_node
    local lock=tests/web/package-lock.json installed=tests/web/node_modules/.installed
    ! cmp -s "$lock" "$installed" || return 0
    say "installing the tools of the page's tests from npm"
    quietly npm npm ci --prefix tests/web --no-audit --no-fund
    cp "$lock" "$installed"
}

# What else looks at the page in the long tests. The browsers are Debian's: nothing here fetches one.
need_figure_modules() {
    need_node_modules
    local lock=tests/web/figures/package-lock.json installed=tests/web/figures/node_modules/.installed
    ! cmp -s "$lock" "$installed" || return 0
    say "installing Lighthouse from npm"
    PUPPETEER_SKIP_DOWNLOAD=1 quietly npm-figures npm ci --prefix tests/web/figures --no-audit --no-fund --ignore-scripts
    cp "$lock" "$installed"
}

# The engines of other people's browsers. Where one cannot be had, its walk says why it was not run.
need_other_browsers() {
    have firefox-esr || (apt_install firefox-esr) || true
    have WebKitWebDriver && have Xvfb || (apt_install webkit2gtk-driver xvfb) || true
}

# need_python_venv WHAT FOLDER REQUIREMENTS [SOURCES]: Python packages in the versions of a requirements file,
# which has their hashes; and of another, packages that are there as source only, built by what is in the first.
need_python_venv() {
    local what=$1 venv=$2 wanted=$3 sources=${4:-/dev/null}
    ! { cat "$wanted" "$sources" | cmp -s - "$venv/.installed" && "$venv/bin/python" --version; } >/dev/null 2>&1 ||
        return 0
    need python3 python3
    python3 -c "import ensurepip, venv" 2>/dev/null || apt_install python3-venv
    say "installing $what from PyPI into $venv"
    quietly venv python3 -m venv --clear "$venv"
    quietly pip "$venv/bin/pip" install --quiet --disable-pip-version-check --no-input \
        --only-binary :all: --require-hashes --requirement "$wanted"
    [ "$sources" = /dev/null ] ||
        quietly pip-sources "$venv/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps \
            --no-build-isolation --no-binary :all: --require-hashes --requirement "$sources"
    cat "$wanted" "$sources" >"$venv/.installed"
}

need_schemathesis() { need_python_venv Schemathesis "$cache/schemathesis" tests/openapi/requirements.txt; }

need_sslyze() { need_python_venv sslyze "$cache/sslyze" tests/tls/requirements.txt tests/tls/sources.txt; }

need_cyclonedx() { need_python_venv "the schema of CycloneDX" "$cache/cyclonedx" tests/sbom/requirements.txt; }

# need_bluez_guest: the guest that the Bluetooth suite runs in. Where it cannot be had, bluez_reason says why.
need_bluez_guest() {
    local errors=$cache/logs/bluez-setup.log
    ! tests/bluez/guest/setup.sh 2>"$errors" || return 0
    bluez_reason=$(tail -n 1 "$errors" | sed 's/^hutch: //')
    return 1
}

# The package would start a web server on this machine: only its program is taken, into the cache.
need_nginx() {
    HUTCH_NGINX=$(PATH=$PATH:/usr/sbin command -v nginx || echo "$cache/nginx/usr/sbin/nginx")
    export HUTCH_NGINX
    ! "$HUTCH_NGINX" -v 2>/dev/null || return 0
    have apt-get || stop "this machine has no apt-get: please install nginx yourself and try again"
    [ -n "$(apt_candidate nginx)" ] || apt_lists
    say "installing nginx into $cache/nginx, where nothing starts it"
    mkdir -p "$cache/nginx"
    (
        cd "$cache/nginx"
        quietly nginx apt-get download --quiet nginx
        quietly nginx dpkg --extract ./nginx_*.deb .
        rm -f ./nginx_*.deb
    )
    "$HUTCH_NGINX" -v 2>/dev/null || stop "nginx does not start; please install it yourself and try again"
}

# need_lan_clients: what looks at a hub in a home network of its own. Where it cannot be had, lan_reason says why. Avahi's
# package would start a service on this machine: only its programs are taken, into the cache.
need_lan_clients() {
    HUTCH_LAN_PYTHON=$cache/zeroconf/bin/python
    export HUTCH_LAN_PYTHON HUTCH_AVAHI=$cache/avahi
    if [ "$(id -u)" != 0 ]; then
        lan_reason="it makes networks, which is root's alone"
        return 1
    fi
    need ip iproute2
    local try=hutch-try-$$ made=0
    { ip netns add "$try" && ip -n "$try" link add switch type bridge && made=1; } 2>/dev/null || true
    ip netns delete "$try" 2>/dev/null || true
    if [ "$made" = 0 ]; then
        lan_reason="this machine makes no networks with a switch"
        return 1
    fi
    need openssl openssl
    need dbus-daemon dbus-daemon
    need_python_venv zeroconf "$cache/zeroconf" tests/lan/requirements.txt
    [ ! -x "$HUTCH_AVAHI/usr/sbin/avahi-daemon" ] || return 0
    have apt-get || stop "this machine has no apt-get: please install Avahi into $HUTCH_AVAHI and try again"
    [ -n "$(apt_candidate avahi-daemon)" ] || apt_lists
    say "installing Avahi into $HUTCH_AVAHI, where nothing starts it"
    mkdir -p "$HUTCH_AVAHI"
    (
        cd "$HUTCH_AVAHI"
        quietly avahi apt-get download --quiet avahi-daemon avahi-utils libdaemon0 libavahi-core7 libavahi-common3 \
            libavahi-common-data libavahi-client3
        for package in ./*.deb; do
            quietly avahi dpkg --extract "$package" .
        done
        rm -f ./*.deb
    )
}

# qemu_of MACHINE: the program that is a computer of that kind.
qemu_of() {
    case "$1" in
    amd64) echo qemu-system-x86_64 ;;
    arm64) echo qemu-system-aarch64 ;;
    *) stop "there is no emulated computer for $1 here" ;;
    esac
}

# need_qemu MACHINE: a computer of that kind, emulated. Where parts of a newer one are installed from Debian's
# backports, its own cannot be, and the rest comes from there, too.
need_qemu() {
    local program package=qemu-system-x86 suite lists=$cache/backports
    program=$(qemu_of "$1")
    [ "$1" != arm64 ] || package=qemu-system-arm
    ! have "$program" || return 0
    if (apt_install "$package") 2>/dev/null; then return 0; fi
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    say "installing $package from Debian's backports"
    mkdir -p "$lists/lists/partial"
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian %s main\n' \
        "$suite" "$suite-backports" >"$lists/sources.list"
    local options=(-o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=-
        -o "Dir::State::lists=$lists/lists")
    quietly apt-lists as_root apt-get "${options[@]}" update --quiet
    quietly apt as_root apt-get "${options[@]}" install --yes --quiet --no-install-recommends \
        --target-release "$suite-backports" "$package"
    hash -r
}

need_browser() {
    have chromium && have chromedriver || apt_install chromium chromium-driver
    # The same engine without the rest of a browser takes half the work. Not every Debian has it.
    have chromium-headless-shell || (apt_install chromium-headless-shell) || true
}

# rust_tests ARGUMENT...: runs Rust tests with nextest where it is, else with cargo's own runner.
rust_tests() {
    if have cargo-nextest; then
        cargo nextest run --locked "$@"
    else
        cargo test --locked "$@"
    fi
}

# api_tests [--long]: holds the hub against its OpenAPI document; HUTCH_BIN names the program.
api_tests() { "$cache/schemathesis/bin/python" tests/openapi/run.py "$@"; }

# lan_tests [NAME...]: a hub in a home network of its own, seen by other programs; HUTCH_BIN names the program.
lan_tests() { "$HUTCH_LAN_PYTHON" tests/lan/run.py "$@"; }

# sbom_tests PACKAGE: holds the list of what is in a package's program against the program.
sbom_tests() { "$cache/cyclonedx/bin/python" tests/sbom/run.py "$1"; }

# tls_tests: holds the hub against Mozilla's profile; HUTCH_BIN names the program. The bundled trust stores, which are
# not used, have old certificates that Python warns of.
tls_tests() { "$cache/sslyze/bin/python" -W ignore tests/tls/run.py; }

# bluez_tests short|long [ARGUMENT...]: the Bluetooth suite, whose logs are kept; the whole of it in a guest for each
# of two cores. The arguments are those of Rust's test runner.
bluez_tests() {
    local form=$1 binary log=${CARGO_TARGET_DIR:-target}/bluez
    shift
    binary=$(cargo test --quiet --locked --no-run --test bluez --message-format=json-render-diagnostics |
        sed -n 's|.*"executable":"\([^"]*/deps/bluez-[^"]*\)".*|\1|p')
    [ -x "$binary" ] || stop "cargo built no test named bluez"
    if [ $# != 0 ] || [ "$(nproc)" -lt 2 ]; then
        bluez_guest "$form" "$log" "$binary" "$@"
        return
    fi
    local all half halves=() code=0
    mapfile -t all < <("$binary" --ignored --list --format terse | sed -n 's/: test$//p')
    mkdir -p "$log/1" "$log/2"
    for half in 1 2; do
        # Every other one: the long ones stand side by side.
        mapfile -t half_of < <(printf '%s\n' "${all[@]}" | sed -n "$half~2p")
        bluez_guest "$form" "$log/$half" "$binary" --exact "${half_of[@]}" >"$log/$half/output" 2>&1 &
        halves+=($!)
    done
    for half in 1 2; do
        wait "${halves[half - 1]}" || code=1
        cat "$log/$half/output"
    done
    local passed
    # One that was run twice is one.
    passed=$(cat "$log"/[12]/output | grep '^test .* ok$' | sort -u | wc -l) || true
    printf "test result: %s of %s passed\n" "$passed" "${#all[@]}"
    return "$code"
}

# bluez_guest short|long DIR BINARY [ARGUMENT...]: tests of the Bluetooth suite in one guest, which has its logs there.
bluez_guest() {
    local form=$1 log=$2 binary=$3 timeout_s=900 code try
    shift 3
    [ "$form" = short ] || timeout_s=7200
    for try in first last; do
        code=0
        GUEST_DIR=$log GUEST_TIMEOUT=$timeout_s tests/bluez/guest/run-in-uml.sh -e HUTCH_BLUEZ="$form" \
            "$binary" --ignored --test-threads 1 --color never "$@" || code=$?
        # Linux 6.1 has a fault of its own there: see tests/bluez/README.md.
        if [ "$code" = 0 ] || [ "$try" = last ] || ! grep -q '^Kernel panic' "$log/console.log"; then break; fi
        say "the guest's kernel crashed: once more"
    done
    [ "$code" != 0 ] || return 0
    say "the logs of bluetoothd, of the toys and of the guest are in $log"
    return 1
}

# page_tests SCRIPT: a script of tests/web/package.json.
page_tests() { npm run --silent --prefix tests/web "$1"; }
