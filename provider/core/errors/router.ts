import type { ErrorEntries } from "./entry";

/** Connections to routers. */
export const ROUTER_CONNECTION_ERRORS = {
  SG3001: {
    kind: "access",
    title: "router unreachable",
    cause: "no SSH connection to the router or its jump host could be opened",
    remedy: "correct router.address and router.port, and let this machine reach the SSH server",
  },
  SG3002: {
    kind: "identity",
    title: "unknown host key",
    cause: "the router's host key is in no list of known hosts, so no credential was sent",
    remedy: "compare the key with the router's own and set router.hostKey to that line, or add it to router.knownHosts",
  },
  SG3003: {
    kind: "identity",
    title: "wrong host key",
    cause: "the router presents another host key than the pinned or known one, so no credential was sent",
    remedy:
      "if the router was given a new key on purpose, put its line into router.hostKey or router.knownHosts; if not, the connection may be intercepted",
  },
  SG3004: {
    kind: "login",
    title: "login to the router refused",
    cause: "the router refused every credential of the program",
    remedy: "correct router.username, router.password, router.privateKey or router.agent",
  },
  SG3005: {
    kind: "login",
    title: "private key unusable",
    cause: "the private key cannot be read, is a public key, or is encrypted and the passphrase does not open it",
    remedy:
      "set router.privateKey to a whole private key in OpenSSH or PEM form, with router.passphrase if it is encrypted",
  },
  SG3006: {
    kind: "permission",
    title: "no root rights on the router",
    cause: "the user is not root and may not become root without a password",
    remedy: "log in as root, or let the user run `sudo -n sh` without a password (NOPASSWD in sudoers)",
  },
  SG3007: {
    kind: "access",
    title: "connection to the router lost",
    cause: "the SSH connection ended before the answer",
    remedy: "check that the connection to the router is stable, then run pulumi up again",
  },
  SG3008: {
    kind: "timeout",
    title: "router too slow",
    cause: "the router did not finish a script within its limit",
    remedy: "check the load of the router, then run pulumi up again",
  },
  SG3009: {
    kind: "access",
    title: "no usable shell on the router",
    cause: "the login gives no POSIX shell that runs commands",
    remedy: "give the user a POSIX shell as login shell, and let it run commands over SSH",
  },
  SG3010: {
    kind: "busy",
    title: "router locked by another run",
    cause: "another run works on the router and holds its lock",
    remedy: "wait until the other run has ended, or end it, and run pulumi up again",
  },
  SG3011: {
    kind: "identity",
    title: "revoked host key",
    cause: "router.knownHosts marks the router's host key as revoked, so no credential was sent",
    remedy: "give the router a new host key, and put that into router.knownHosts",
  },
  SG3012: {
    kind: "login",
    title: "SSH agent unusable",
    cause: "the SSH agent is not running, does not answer or holds no key",
    remedy: "start an SSH agent with `ssh-agent`, add a key with `ssh-add`, and correct router.agent",
  },
  SG3013: {
    kind: "permission",
    title: "forwarding refused",
    cause: "the jump host does not let the user open a connection to the router",
    remedy:
      "let the user forward TCP connections to the router there (AllowTcpForwarding and PermitOpen in sshd_config)",
  },
  SG3014: {
    kind: "identity",
    title: "known hosts unreadable",
    cause: "the file of known hosts cannot be read",
    remedy: "correct the path in knownHosts or the rights of that file",
  },
} as const satisfies ErrorEntries;

/** What a router must have before anything is changed. */
export const ROUTER_REQUIREMENT_ERRORS = {
  SG3101: {
    kind: "state",
    title: "tool missing on the router",
    cause: "the router lacks a tool or a kernel feature that the redirection needs",
    remedy: "install it on the router",
  },
  SG3102: {
    kind: "state",
    title: "router configuration unreadable",
    cause: "part of the router's network configuration cannot be read or is not understood",
    remedy: "give the user full rights on the router's network configuration",
  },
  SG3103: {
    kind: "input",
    title: "interface missing",
    cause: "no interface of the router matches, several match, or the interface cannot take part",
    remedy: "correct the name",
  },
  SG3104: {
    kind: "state",
    title: "interface down",
    cause: "an interface that takes part is down",
    remedy: "bring it up",
  },
  SG3105: {
    kind: "state",
    title: "forwarding off",
    cause: "the router does not forward packets",
    remedy: "switch it on with `sysctl -w net.ipv4.ip_forward=1`, and keep it so in /etc/sysctl.d",
  },
  SG3106: {
    kind: "input",
    title: "SPS not directly reachable",
    cause: "spsAddress is in no network of the interface towards SPS",
    remedy: "choose the interface whose network contains SPS, or correct spsAddress",
  },
  SG3107: {
    kind: "input",
    title: "spsAddress is the router",
    cause: "spsAddress is an address of the router itself",
    remedy: "set spsAddress to the address of SPS",
  },
  SG3108: {
    kind: "conflict",
    title: "redirection in another backend",
    cause: "a redirection of that name exists on the router in another backend",
    remedy: "set linux.backend to that one, or move the redirection with adopt: true, or remove it there by hand",
  },
  SG3109: {
    kind: "input",
    title: "sessions at risk",
    cause: "the change of backend would break the sessions that should be kept",
    remedy: "set existingConnections to cut together with the backend, and back to leave in a later update",
  },
  SG3110: {
    kind: "state",
    title: "redirection cannot be persisted",
    cause: "the router has no service that could restore the redirections after a restart",
    remedy:
      "set persist to false and run pulumi up after each restart, or install systemd, NetworkManager, networkd-dispatcher or ifupdown on the router",
  },
} as const satisfies ErrorEntries;

/** What else is on a router and keeps the resource from taking its place. */
export const ROUTER_CONFLICT_ERRORS = {
  SG3201: {
    kind: "conflict",
    title: "redirection name taken",
    cause: "a redirection of that name exists on the router with other rules, or belongs to another resource",
    remedy: "choose another name, or take it over with adopt: true",
  },
  SG3202: {
    kind: "conflict",
    title: "number taken",
    cause: "another program uses the packet mark, the routing table or the rule priority that the resource needs",
    remedy: "free it on the router, or choose other numbers in linux.mark, linux.table and linux.priority",
  },
  SG3203: {
    kind: "conflict",
    title: "mark shared with other settings",
    cause: "another resource's redirection uses the same mark with other settings",
    remedy: "use the same settings in both resources, or another linux.mark in one of them",
  },
  SG3204: {
    kind: "conflict",
    title: "redirections overlap",
    cause: "two redirections take the same traffic to different SPS",
    remedy: "narrow one of them, or send both to the same SPS",
  },
  SG3205: {
    kind: "conflict",
    title: "hand-made redirection found",
    cause: "a redirection that was made by hand takes the same traffic",
    remedy: "take it over with adopt: true, which moves its traffic without a gap, or remove it on the router",
  },
  SG3206: {
    kind: "conflict",
    title: "file taken",
    cause: "a file that should keep the redirections over restarts exists and belongs to another program",
    remedy: "move it away on the router, or set persist to false",
  },
} as const satisfies ErrorEntries;

/** Changes of a router that ended in another way than asked. */
export const ROUTER_CHANGE_ERRORS = {
  SG3301: {
    kind: "outcome",
    title: "change failed and undone",
    cause: "a command failed on the router, and all changes before it were undone",
    remedy: "correct the cause and run pulumi up again; the router is as it was",
  },
  SG3302: {
    kind: "outcome",
    title: "change failed and not undone",
    cause: "a command failed on the router, and undoing the changes before it failed too",
    remedy: "undoing failed too: check the router, then run pulumi up again, which continues from what it finds there",
  },
  SG3303: {
    kind: "outcome",
    title: "rules differ after the change",
    cause: "every command succeeded, and what was read back differs from what was set",
    remedy: "find out whether another program rewrites the router's rules, then run pulumi up again",
  },
  SG3304: {
    kind: "outcome",
    title: "outcome of the change unknown",
    cause: "the connection broke while the router was being changed",
    remedy: "run pulumi up again: it reads the router and continues from there",
  },
  SG3305: {
    kind: "state",
    title: "changes not protected",
    cause: "the timer that rolls changes back could not be started, so nothing was changed",
    remedy:
      "make room in /run on the router, or correct what keeps the timer from starting, and run pulumi up again; nothing was changed",
  },
  SG3306: {
    kind: "outcome",
    title: "changes rolled back",
    cause: "the changes were not confirmed, and the router rolled them back",
    remedy: "correct the cause and run pulumi up again; the router is as it was",
  },
  SG3307: {
    kind: "outcome",
    title: "rollback failed",
    cause: "the changes were not confirmed, and rolling them back failed",
    remedy: "the rollback failed: check the router, then run pulumi up again, which continues from what it finds there",
  },
  SG3308: {
    kind: "outcome",
    title: "changes not confirmed",
    cause: "the changes could not be confirmed, and the commit window has not expired yet",
    remedy: "wait until the commit window has expired and the router has rolled back, then run pulumi refresh",
  },
  SG3309: {
    kind: "outcome",
    title: "changes not persisted",
    cause: "the redirections work, and the files that restore them after a restart could not be written",
    remedy:
      "make room in /etc on the router, or correct what keeps its files from being changed, and run pulumi up again: it changes the files alone",
  },
  SG3310: {
    kind: "timeout",
    title: "sessions not drained",
    cause: "sessions were still open at the limit of the drain",
    remedy: "run the same command again, which waits for them again; for anything else run pulumi refresh first",
  },
} as const satisfies ErrorEntries;
