"""Holds the TLS of a running hub against Mozilla's "intermediate" profile, as sslyze reads it.

Everything that the profile asks for must be so, but for the exceptions that are named here with their
reasons; an exception that is none any more is a failure, too. HUTCH_BIN names the program.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "openapi"))

from hub import Hub  # noqa: E402
from sslyze import (  # noqa: E402
    CertificateInfoExtraArgument,
    ScanCommand,
    ScanCommandsExtraArguments,
    Scanner,
    ServerNetworkConfiguration,
    ServerNetworkLocation,
    ServerScanRequest,
    ServerScanStatusEnum,
)
from sslyze.mozilla_tls_profile.tls_config_checker import (  # noqa: E402
    SCAN_COMMANDS_NEEDED_BY_MOZILLA_CHECKER,
    MozillaTlsConfiguration,
    ServerNotCompliantWithTlsConfiguration,
    TlsConfigurationEnum,
    check_server_against_tls_configuration,
)

# What the profile asks for and the hub does not do.
EXCEPTIONS = {
    "hsts": "a browser that once stored it removes the way past a changed certificate, and a hub's does change",
}

# Looked at besides.
ALSO = {ScanCommand.TLS_1_3_EARLY_DATA, ScanCommand.HTTP_HEADERS}

HOME = {"127.0.0.1", "localhost"}


def stay_at_home(event, arguments):
    """Ends the run before anything is asked of another machine: trust stores are not to be renewed."""
    called = {"socket.connect": lambda: arguments[1], "socket.getaddrinfo": lambda: arguments}.get(event)
    if called and isinstance(called(), tuple) and called()[0] not in HOME:
        raise RuntimeError(f"{called()[0]} is not this machine")


def scan(hub, host):
    """Returns what sslyze finds where a browser calls the hub like this: a name is shown one leaf, an address the other."""
    root = Path(hub.folder.name) / "state/tls-root.pem"
    port = urlsplit(hub.origin).port
    request = ServerScanRequest(
        server_location=ServerNetworkLocation(hostname=host, port=port, ip_address="127.0.0.1"),
        network_configuration=ServerNetworkConfiguration(tls_server_name_indication=host),
        scan_commands=SCAN_COMMANDS_NEEDED_BY_MOZILLA_CHECKER | ALSO,
        # To a family's devices the household's root is one like any other.
        scan_commands_extra_arguments=ScanCommandsExtraArguments(
            certificate_info=CertificateInfoExtraArgument(custom_ca_file=root)
        ),
    )
    scanner = Scanner()
    scanner.queue_scans([request])
    [result] = scanner.get_results()
    if result.scan_status != ServerScanStatusEnum.COMPLETED:
        sys.exit(f"sslyze could not come in: {result.connectivity_error_trace}")
    return result


def issues_of(result):
    """Returns what is not as the profile asks, by the names that sslyze has for it."""
    profile = MozillaTlsConfiguration.get(TlsConfigurationEnum.MOZILLA_INTERMEDIATE)
    issues = {}
    try:
        check_server_against_tls_configuration(result, profile)
    except ServerNotCompliantWithTlsConfiguration as error:
        issues.update(error.issues)
    found = result.scan_result
    if not found.http_headers.result.strict_transport_security_header:
        issues["hsts"] = "there is no Strict-Transport-Security"
    if found.tls_1_3_early_data.result.supports_early_data:
        issues["early_data"] = "what is sent early can be sent again by somebody else"
    return issues


def leaf_of(result):
    """The leaf that was shown."""
    [deployment] = result.scan_result.certificate_info.result.certificate_deployments
    return deployment.received_certificate_chain_as_pem[0]


def main():
    sys.addaudithook(stay_at_home)
    hub = Hub.new()
    try:
        scans = {host: scan(hub, host) for host in ("localhost", "127.0.0.1")}
    finally:
        hub.stop()
    leaves = {host: leaf_of(result) for host, result in scans.items()}
    if len(set(leaves.values())) != len(leaves):
        sys.exit("both scans saw the same leaf")
    is_good = True
    for host, result in scans.items():
        issues = issues_of(result)
        for name in issues.keys() - EXCEPTIONS.keys():
            print(f"{host}: {name}: {issues[name]}")
        for name in EXCEPTIONS.keys() - issues.keys():
            print(f"{host}: {name}: it is as the profile asks, and needs no exception")
        is_good = is_good and issues.keys() == EXCEPTIONS.keys()
    if not is_good:
        sys.exit("the hub's TLS is not what Mozilla's intermediate profile asks for")
    print(f"as Mozilla's intermediate profile asks, but for: {', '.join(sorted(EXCEPTIONS))}")


if __name__ == "__main__":
    main()
