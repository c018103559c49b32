import type { ServiceName } from "../model/status";

/** Folder of everything that runs after a restart of the router. */
export const PERSISTENCE_FOLDER = "/etc/sps-redirect";

/** Every file of ours contains this text; a file of the same name without it is foreign. */
export const MARKER = "Made by Safeguard for Pulumi";

/** Begins the line of a redirection's file that records its owner. */
export const OWNER_COMMENT = "# owner ";

/**
 * The program that restores redirections: `run boot` restores all, `run early` all parts that need no network, `run
 * link NAME` those whose SPS is on that interface.
 */
export const RUNNER = `${PERSISTENCE_FOLDER}/run`;

/** The systemd unit that restores everything. */
export const UNIT = "sps-redirect.service";

/**
 * The systemd unit that runs before the network is up, so that a starting router refuses traffic that should be
 * redirected.
 */
const EARLY_UNIT = "sps-redirect-early.service";

/** A file, folder or link on the router that restores redirections at boot. */
export interface PersistedFile {
  path: string;
  /** Kind and permissions as `ls -l` shows them; the owner is root. */
  mode: string;
  /** Of a file: its text, without the line break at the end. */
  content?: string;
  /** Of a link: its target. */
  target?: string;
}

interface Service {
  name: ServiceName;
  /** Shell condition that is true when the router uses it. */
  test: string;
  /** True when it runs our program whenever an interface comes up. */
  isForLinks: boolean;
  files: readonly PersistedFile[];
}

const SYSTEMD_FOLDER = "/etc/systemd/system";

/** Services that may delete foreign firewall rules, policy rules or routes when they start. */
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

/**
 * A unit and the link that enables it. The link is made directly because `systemctl enable` needs a running systemd.
 */
const unit = (name: string, content: string): PersistedFile[] => [
  { path: `${SYSTEMD_FOLDER}/${name}`, mode: "-rw-r--r--", content },
  {
    path: `${SYSTEMD_FOLDER}/multi-user.target.wants/${name}`,
    mode: "lrwxrwxrwx",
    target: `${SYSTEMD_FOLDER}/${name}`,
  },
];

const hook = (path: string, text: string): PersistedFile => ({
  path,
  mode: "-rwx------",
  content: `#!/bin/sh\n# ${MARKER}\n${text}`,
});

/** Everything that can restore redirections, in order. */
export const SERVICES: readonly Service[] = [
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
    // The name has no dot, because run-parts skips such files.
    files: [hook("/etc/network/if-up.d/sps-redirect", `exec /bin/sh ${RUNNER} link "\${IFACE-}"`)],
  },
];

/** Whether systemd must reload after a change of this file. */
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
