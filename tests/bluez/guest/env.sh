# Sourced by the other scripts: where things are kept, outside the tree.
# shellcheck shell=bash disable=SC2034

guest_cache=${HUTCH_GUEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/hutch/bluez}
guest_kernel=${HUTCH_UML_KERNEL:-$guest_cache/linux.uml}
guest_venv=$guest_cache/venv
