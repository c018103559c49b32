import { type FailureText, SafeguardError } from "../core/errors";

/** Every way in which the work on a router can fail: its stable code and what to do about it. */
export const ROUTER_FAILURES = {
  unreachable: ["SG3001", "correct router.address and router.port, and see that the SSH server is reachable from here"],
  unknownHostKey: [
    "SG3002",
    "compare the key with the router's own and set router.hostKey to that line, or add it to router.knownHosts",
  ],
  wrongHostKey: [
    "SG3003",
    "if the router was given a new key on purpose, put its line into router.hostKey or router.knownHosts; else somebody is in between",
  ],
  loginRefused: ["SG3004", "correct router.username, router.password, router.privateKey or router.agent"],
  unusablePrivateKey: [
    "SG3005",
    "give router.privateKey as a private key in OpenSSH or PEM form, the whole of it, with router.passphrase if it is encrypted",
  ],
  noRootRights: ["SG3006", "log in as root, or let the user run `sudo -n sh` without a password (NOPASSWD in sudoers)"],
  connectionLost: ["SG3007", "see that the connection to the router is stable and run pulumi up again"],
  tooSlow: ["SG3008", "see what keeps the router busy and run pulumi up again"],
  noShell: ["SG3009", "see that the user has a POSIX shell as login shell and may run commands over SSH"],
  routerLocked: ["SG3010", "wait until the other run has ended, or end it, and run pulumi up again"],
  revokedHostKey: ["SG3011", "give the router a new host key, and put that into router.knownHosts"],
  unusableAgent: ["SG3012", "start an SSH agent with `ssh-agent`, give it a key with `ssh-add`, and see router.agent"],
  forwardingRefused: [
    "SG3013",
    "let the user forward TCP connections to the router there (AllowTcpForwarding and PermitOpen in sshd_config)",
  ],
  unreadableKnownHosts: ["SG3014", "correct the path in knownHosts or the rights of that file"],
  missingTool: ["SG3101", "install it on the router"],
  unreadable: ["SG3102", "see that the user has full rights on the router's network configuration"],
  missingInterface: ["SG3103", "correct the name"],
  interfaceDown: ["SG3104", "bring it up"],
  forwardingOff: ["SG3105", "switch it on with `sysctl -w net.ipv4.ip_forward=1` and keep it so in /etc/sysctl.d"],
  nextHopOffLink: ["SG3106", "choose the interface whose network SPS is in, or correct spsAddress"],
  nextHopIsRouter: ["SG3107", "set spsAddress to the address of SPS"],
  otherBackend: [
    "SG3108",
    "set linux.backend to that one, or move the redirection with adopt: true, or remove it there by hand",
  ],
  sessionsAtRisk: [
    "SG3109",
    "set existingConnections to cut together with the backend, and back to leave in a later update",
  ],
  notPersistable: [
    "SG3110",
    "set persist to false and run pulumi up after each restart, or let the router have systemd, NetworkManager, networkd-dispatcher or ifupdown",
  ],
  nameTaken: ["SG3201", "choose another name, or take it over with adopt: true"],
  numberTaken: [
    "SG3202",
    "free it on the router, or choose other numbers in linux.mark, linux.table and linux.priority",
  ],
  nextHopShared: ["SG3203", "use the same settings there and here, or another linux.mark in one of the resources"],
  redirectionOverlaps: ["SG3204", "narrow one of them, or send both to the same SPS"],
  recipeFound: [
    "SG3205",
    "take it over with adopt: true, which moves its traffic without a gap, or remove it on the router",
  ],
  fileTaken: ["SG3206", "move it away on the router, or set persist to false"],
  applyUndone: ["SG3301", "everything was put back as it was; correct the cause and run pulumi up again"],
  applyNotUndone: [
    "SG3302",
    "putting it back failed too; look at the router, then run pulumi up again, which goes on from what it finds there",
  ],
  notAsWanted: ["SG3303", "see whether another program rewrites the router's rules, then run pulumi up again"],
  outcomeUnknown: ["SG3304", "run pulumi up again: it reads what became of it and goes on from there"],
  unprotected: [
    "SG3305",
    "nothing was changed; make room in /run on the router, or correct what keeps the timer from starting, and run pulumi up again",
  ],
  rolledBack: ["SG3306", "the router is as it was; correct the cause and run pulumi up again"],
  rollbackFailed: [
    "SG3307",
    "taking the changes back failed; look at the router, then run pulumi up again, which goes on from what it finds there",
  ],
  notConfirmed: [
    "SG3308",
    "the router takes unconfirmed changes back by itself when the window is over; run pulumi refresh then",
  ],
  notPersisted: [
    "SG3309",
    "make room in /etc on the router, or correct what keeps its files from being changed, and run pulumi up again: it changes the files alone",
  ],
  notDrained: [
    "SG3310",
    "run the same command again, which awaits them again; for anything else run pulumi refresh first",
  ],
} as const satisfies Record<string, readonly [code: string, remedy: string]>;

export type RouterFailure = keyof typeof ROUTER_FAILURES;

/** The error for one failure; `remedy` replaces the usual one where more is known. */
export function routerError(
  failure: RouterFailure,
  text: Pick<FailureText, "object" | "step" | "cause"> & { remedy?: string },
  options?: ErrorOptions,
): SafeguardError {
  const [code, usual] = ROUTER_FAILURES[failure];
  return new SafeguardError({ code, ...text, remedy: text.remedy ?? usual }, options);
}
