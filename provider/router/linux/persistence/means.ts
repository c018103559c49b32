import type { MeansName } from "../model/status";

/** Folder of everything that is run after a restart of the router. */
export const PERSISTENCE_FOLDER = "/etc/sps-redirect";

/** Stands in every file of ours; a file of the same name without it belongs to somebody else. */
export const MARKER = "Made by Safeguard for Pulumi";

/**
 * What brings the redirections back: `run boot` all of them, `run early` all that can be there before there is a network,
 * `run link NAME` those whose SPS is on that interface.
 */
export const RUNNER = `${PERSISTENCE_FOLDER}/run`;

/** Name of the unit of systemd that brings everything. */
export const UNIT = "sps-redirect.service";

/** Name of the unit that is run before there is a network, so that a starting router refuses instead of letting pass. */
const EARLY_UNIT = "sps-redirect-early.service";

/** A file, folder or link on the router that makes redirections outlive a restart. */
export interface PersistedFile {
  path: string;
  /** Kind and permissions as `ls -l` shows them; the owner is root. */
  looks: string;
  /** Of a file: its text, without the line break at the end. */
  content?: string;
  /** Of a link: where it leads. */
  target?: string;
}

interface Means {
  name: MeansName;
  /** Shell condition that holds where the router works with it. */
  test: string;
  /** True when it runs us whenever an interface comes up. */
  isForLinks: boolean;
  files: readonly PersistedFile[];
}

const SYSTEMD_FOLDER = "/etc/systemd/system";

/** Services that may throw away what is not theirs when they start: rules, or policy rules and routes. */
const SWEEPING_SERVICES = [
  ..."netfilter-persistent iptables nftables firewalld ufw shorewall ferm firehol".split(" "),
  "systemd-networkd",
]
  .map((name) => `${name}.service`)
  .join(" ");

const UNIT_TEXT = `# ${MARKER}
[Unit]
Description=Redirections to Safeguard for Privileged Sessions
Wants=network-online.target
After=network-online.target ${SWEEPING_SERVICES}
PartOf=${SWEEPING_SERVICES}
StartLimitIntervalSec=0

[Service]
ExecStart=/bin/sh ${RUNNER} boot
RemainAfterExit=yes

[Install]
WantedBy=multi-user.target`;

const EARLY_UNIT_TEXT = `# ${MARKER}
[Unit]
Description=Redirections to Safeguard for Privileged Sessions, before there is a network
DefaultDependencies=no
Wants=network-pre.target
After=local-fs.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=/bin/sh ${RUNNER} early

[Install]
WantedBy=multi-user.target`;

/** A unit and what enables it, by hand, because `systemctl enable` wants a running systemd. */
const unit = (name: string, content: string): PersistedFile[] => [
  { path: `${SYSTEMD_FOLDER}/${name}`, looks: "-rw-r--r--", content },
  {
    path: `${SYSTEMD_FOLDER}/multi-user.target.wants/${name}`,
    looks: "lrwxrwxrwx",
    target: `${SYSTEMD_FOLDER}/${name}`,
  },
];

const hook = (path: string, text: string): PersistedFile => ({
  path,
  looks: "-rwx------",
  content: `#!/bin/sh\n# ${MARKER}\n${text}`,
});

/** Everything that redirections can be brought back with, in order. */
export const ALL_MEANS: readonly Means[] = [
  {
    name: "systemd",
    test: "[ -d /run/systemd/system ]",
    isForLinks: false,
    files: [...unit(EARLY_UNIT, EARLY_UNIT_TEXT), ...unit(UNIT, UNIT_TEXT)],
  },
  {
    name: "NetworkManager",
    test: "[ -d /etc/NetworkManager/dispatcher.d ] && command -v NetworkManager >/dev/null 2>&1",
    isForLinks: true,
    files: [
      hook(
        "/etc/NetworkManager/dispatcher.d/90-sps-redirect",
        `case "\${2-}" in up | dhcp4-change | reapply) exec /bin/sh ${RUNNER} link "$1" ;; esac`,
      ),
    ],
  },
  {
    name: "networkd-dispatcher",
    test: "[ -d /etc/networkd-dispatcher/routable.d ] && command -v networkd-dispatcher >/dev/null 2>&1",
    isForLinks: true,
    files: [hook("/etc/networkd-dispatcher/routable.d/90-sps-redirect", `exec /bin/sh ${RUNNER} link "\${IFACE-}"`)],
  },
  {
    name: "ifupdown",
    test: "[ -d /etc/network/if-up.d ] && command -v ifup >/dev/null 2>&1",
    isForLinks: true,
    // No dot in the name: run-parts leaves such files out.
    files: [hook("/etc/network/if-up.d/sps-redirect", `exec /bin/sh ${RUNNER} link "\${IFACE-}"`)],
  },
];

/** Tells whether systemd has to be told of a changed file. */
export function isUnitFile(path: string): boolean {
  return path.startsWith(`${SYSTEMD_FOLDER}/`);
}

/** The file of one redirection. */
export function redirectionPath(redirectionName: string): string {
  return `${PERSISTENCE_FOLDER}/${redirectionName}.sh`;
}

/** The redirection that a file belongs to; undefined for other files. */
export function redirectionAt(path: string): string | undefined {
  return new RegExp(`^${PERSISTENCE_FOLDER}/([a-z0-9-]+)\\.sh$`).exec(path)?.[1];
}
