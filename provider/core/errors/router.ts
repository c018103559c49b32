import type { ErrorEntries } from "./entry";

/** Connections to routers. */
export const ROUTER_CONNECTION_ERRORS = {
  SG3001: {
    kind: "access",
    title: "router unreachable",
    cause: "no SSH connection to the router or its jump host could be opened",
    remedy: "correct the address and port of this host, and allow SSH connections to it from this machine",
  },
  SG3002: {
    kind: "identity",
    title: "unknown host key",
    cause: "the host key is in no list of known hosts, so no credential was sent",
    remedy: "compare the key with the one on this host, then set hostKey to that line or add it to knownHosts",
  },
  SG3003: {
    kind: "identity",
    title: "wrong host key",
    cause: "the host presents a key other than the pinned or known one, so no credential was sent",
    remedy:
      "if this host was given a new key on purpose, put its line into hostKey or knownHosts; if not, the connection may be intercepted",
  },
  SG3004: {
    kind: "login",
    title: "login to the router refused",
    cause: "the router or its jump host refused every credential of the program",
    remedy: "correct the username, password, privateKey or agent of this host",
  },
  SG3005: {
    kind: "login",
    title: "private key unusable",
    cause: "the private key cannot be read, is a public key, or is encrypted and the passphrase does not open it",
    remedy: "set privateKey to a whole private key in OpenSSH or PEM form, and passphrase if the key is encrypted",
  },
  SG3006: {
    kind: "permission",
    title: "no root rights on the router",
    cause: "the user is not root and cannot become root without a password",
    remedy: "log in as root, or let the user run `sudo -n sh` without a password (NOPASSWD in sudoers)",
  },
  SG3007: {
    kind: "access",
    title: "connection to the router lost",
    cause: "the SSH connection ended before the answer",
    remedy: "check that the connection is stable, then run the command again",
  },
  SG3008: {
    kind: "timeout",
    title: "router too slow",
    cause: "the router did not finish a script within its limit",
    remedy: "check the load of the router, then run the command again",
  },
  SG3009: {
    kind: "state",
    title: "no usable shell on the router",
    cause: "the login gives no POSIX shell that runs commands",
    remedy: "give the user a POSIX shell as login shell, and let it run commands over SSH",
  },
  SG3010: {
    kind: "busy",
    title: "router locked by another run",
    cause: "another run works on the router and holds its lock",
    remedy: "wait for the other run to end, or end it, and run the command again",
  },
  SG3011: {
    kind: "identity",
    title: "revoked host key",
    cause: "the known hosts mark the host key as revoked, so no credential was sent",
    remedy: "give this host a new host key, and put its line into knownHosts",
  },
  SG3012: {
    kind: "login",
    title: "SSH agent unusable",
    cause: "the SSH agent is not running, does not answer, or holds no key that can be used",
    remedy: "start an SSH agent with `ssh-agent`, add a key with `ssh-add`, and correct agentKey or agentSocket",
  },
  SG3013: {
    kind: "permission",
    title: "forwarding refused",
    cause: "the jump host does not allow the user to open a connection to the router",
    remedy:
      "allow the user to forward TCP connections to the router there (AllowTcpForwarding and PermitOpen in sshd_config)",
  },
  SG3014: {
    kind: "identity",
    title: "known hosts unreadable",
    cause: "the file of known hosts cannot be read",
    remedy: "correct the path in knownHostsFile or the permissions of that file",
  },
  SG3015: {
    kind: "state",
    title: "too much output of the router",
    cause: "a command on the router wrote more than this program reads",
    remedy: "check the login files of the user and the size of the router's rules and routes",
  },
  SG3016: {
    kind: "state",
    title: "no SSH algorithm in common",
    cause: "the host and this program have no key exchange, host key algorithm, cipher or MAC in common",
    remedy:
      "allow one of the algorithms of this program on this host: in KexAlgorithms, HostKeyAlgorithms, Ciphers or MACs of its sshd_config",
  },
  SG3017: {
    kind: "login",
    title: "login to the API of the router refused",
    cause: "the router refused the password of the user or the API token, or its API is turned off",
    remedy: "correct username and password, and turn the API on in Management > WebAdmin Settings > RESTful API",
  },
  SG3018: {
    kind: "permission",
    title: "router account lacks a right",
    cause: "the user may not read or change the interfaces, definitions or policy routes of the router",
    remedy: "give the user of the API token the rights to network definitions, interfaces and routing",
  },
  SG3019: {
    kind: "refused",
    title: "router refused a request",
    cause: "the router answered a request or a command with an error",
    remedy: "fix the problem that the answer names; after an answer of 500 or more check load and log of the router",
  },
} as const satisfies ErrorEntries;

/** Requirements that a router does not meet; nothing was changed. */
export const ROUTER_REQUIREMENT_ERRORS = {
  SG3101: {
    kind: "state",
    title: "tool missing on the router",
    cause: "the router lacks a tool, a command or a kernel feature that the redirection needs",
    remedy: "install it on the router",
  },
  SG3102: {
    kind: "state",
    title: "router configuration unreadable",
    cause: "part of the router's network configuration cannot be read or parsed",
    remedy: "give the user full rights on the router's network configuration",
  },
  SG3103: {
    kind: "input",
    title: "interface missing",
    cause: "no interface of the router matches, several match, or the interface cannot be used",
    remedy: "correct the name",
  },
  SG3104: {
    kind: "state",
    title: "interface down",
    cause: "an interface of the redirection is down",
    remedy: "bring it up",
  },
  SG3105: {
    kind: "state",
    title: "forwarding off",
    cause: "the router does not forward packets",
    remedy: "run `sysctl -w net.ipv4.ip_forward=1` on the router, and set it in /etc/sysctl.d as well",
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
  SG3109: {
    kind: "input",
    title: "sessions at risk",
    cause: "the change of backend would break sessions that must be kept",
    remedy: "set existingConnections to cut in this update, and back to leave in a later one",
  },
  SG3110: {
    kind: "state",
    title: "redirection cannot be persisted",
    cause: "the router has no service that can restore the redirections after a restart",
    remedy:
      "set persist to false and run pulumi up after each restart, or install systemd, NetworkManager, networkd-dispatcher or ifupdown on the router",
  },
  SG3111: {
    kind: "state",
    title: "source check drops answers of SPS",
    cause: "the interface towards SPS drops packets whose source is not routed back through it",
    remedy: "enter `ip verify unicast source reachable-via any` on that interface, or remove the check there",
  },
  SG3112: {
    kind: "input",
    title: "management of the router at risk",
    cause: "the redirection would divert connections that manage the router",
    remedy: "take the router's own addresses out of serverCidrs, or the ports 22 and 23 out of ports",
  },
} as const satisfies ErrorEntries;

/** Objects on a router that conflict with the resource. */
export const ROUTER_CONFLICT_ERRORS = {
  SG3201: {
    kind: "conflict",
    title: "redirection name taken",
    cause: "a redirection of that name exists on the router and belongs to another resource or to none",
    remedy: "choose another name, or set adopt: true to take it over",
  },
  SG3202: {
    kind: "conflict",
    title: "number taken",
    cause: "another program uses the packet mark, routing table or rule priority that the resource needs",
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
    cause: "two redirections send the same traffic to different SPS",
    remedy: "narrow one of them, or send both to the same SPS",
  },
  SG3205: {
    kind: "conflict",
    title: "hand-made redirection found",
    cause: "a hand-made redirection matches the same traffic",
    remedy: "set adopt: true to take it over without a gap, or remove it on the router",
  },
  SG3206: {
    kind: "conflict",
    title: "file taken",
    cause: "a file that would restore the redirections at restarts exists and belongs to another program",
    remedy: "move the file away on the router, or set persist to false",
  },
  SG3207: {
    kind: "conflict",
    title: "traffic dropped by another program",
    cause: "a rule of another program drops packets of the redirection, so that its clients would reach no server",
    remedy: "accept the traffic of the redirection before that rule",
  },
  SG3208: {
    kind: "conflict",
    title: "route-map of others",
    cause: "an interface has a route-map or sequence that belongs to no redirection",
    remedy:
      "remove it on the router, use another interface, set ciscoIos.extend to add sequences to it, or set adopt: true for one that sends just the traffic of these redirections to their SPS",
  },
  SG3209: {
    kind: "state",
    title: "route-map full",
    cause: "the route-map has no sequence number left after its last one",
    remedy: "run pulumi destroy for this resource and pulumi up again, which starts with low numbers",
  },
  SG3210: {
    kind: "conflict",
    title: "object locked",
    cause: "an object of the redirection is locked on the router",
    remedy: "unlock it on the router, or set sophosUtm.overrideLocks to true",
  },
  SG3211: {
    kind: "state",
    title: "numbers of watches in use",
    cause: "no reserved number of `ip sla` and `track` is free",
    remedy:
      "on the Cisco router, remove operations of `ip sla` and objects of `track` from 400 to 499 that nothing uses",
  },
} as const satisfies ErrorEntries;

/** Changes that failed, in whole or in part. */
export const ROUTER_CHANGE_ERRORS = {
  SG3301: {
    kind: "outcome",
    title: "change failed and rolled back",
    cause: "a command failed on the router, and all changes before it were rolled back",
    remedy: "correct the cause and run pulumi up again; the router is as it was",
  },
  SG3302: {
    kind: "outcome",
    title: "change failed and not rolled back",
    cause: "a command failed on the router, and rolling back the changes before it failed too",
    remedy: "the rollback failed too: check the router, then run pulumi up again, which reads the router and continues",
  },
  SG3303: {
    kind: "outcome",
    title: "rules differ after the change",
    cause: "every command succeeded, but the rules read back differ from the planned rules",
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
      "free space in /run on the router, or fix the error of the timer, and run pulumi up again; nothing was changed",
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
    remedy: "the rollback failed: check the router, then run pulumi up again, which reads the router and continues",
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
    cause: "the redirections work, but the files that restore them after a restart could not be written",
    remedy:
      "free space in /etc on the router, or fix the file error, and run pulumi up again: it writes only the files",
  },
  SG3310: {
    kind: "timeout",
    title: "sessions not drained",
    cause: "sessions were still open when the drain was interrupted",
    remedy: "run the same command again to continue waiting; before any other command run pulumi refresh",
  },
  SG3311: {
    kind: "outcome",
    title: "old parts not deleted",
    cause: "the changes work and are confirmed, but objects that are no longer needed could not be deleted",
    remedy: "run the same command again: it only deletes them",
  },
} as const satisfies ErrorEntries;
