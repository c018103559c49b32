import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { inSessions } from "../lab/sessions";
import { LAYERS_AWAY } from "./layers";

/**
 * Ends every SSH session and all processes started there, including those that a killed shell left running, as a restart
 * would; then removes the folder of the interrupted run. Repeats until no process is left, because one that is being
 * killed may just have started another.
 */
export const END_SESSIONS = `sshd=$(cat /run/sshd.pid)
looks=0
while [ $looks -lt 50 ]; do
  looks=$((looks + 1)); killed=
  for one in /proc/[0-9]*; do
    [ "$one" != "/proc/$sshd" ] && [ "$one/ns/mnt" -ef "/proc/$sshd/ns/mnt" ] || continue
    case "$(sed -n 's/^State:[^A-Z]*//p' "$one/status" 2>/dev/null)" in Z* | "") continue ;; esac
    kill -9 "\${one#/proc/}" 2>/dev/null && killed=1
  done
  [ -n "$killed" ] || break
done
rm -rf /run/sps-redirect`;

/** The command that removes everything that redirections store for restarts. */
export const FILES_AWAY = "rm -rf /etc/sps-redirect /etc/network/if-up.d/sps-redirect";

const REDIRECTION_FILE = "/etc/sps-redirect/rdp.sh";
const RUNNER_FILE = "/etc/sps-redirect/run";
const BOOT_LIMIT_SECONDS = 20;

// Each create has another random owner id; everything else in the files must be equal.
const LIST = `for file in /etc/sps-redirect/* /etc/network/if-up.d/sps-redirect; do
  if [ -f "$file" ]; then echo "$(sed '/owner/s/[0-9a-f]\\{12\\}/ID/' "$file" | sha256sum | cut -d ' ' -f 1) $(stat -c %A/%u "$file") $file"; fi
done`;

/** How a run ended: decides what a restart must restore. */
export interface ConfirmResult {
  persist: boolean;
  /** True when the provider reported that everything is confirmed and stored. */
  isConfirmed: boolean;
  /** True when the layers are gone without a restart. */
  isRolledBack: boolean;
}

/** What a router stores for restarts, and what an emulated restart restores from it. */
export class KeptState {
  private confirmed = "";

  constructor(
    private readonly router: LabRouter,
    /** Counts the existing layers. */
    private readonly countLayers: () => Promise<number>,
    private readonly layers: number,
  ) {}

  /** True once the files of the confirmed state are known. */
  get isLearned(): boolean {
    return this.confirmed !== "";
  }

  /** Remembers the present files as those of the confirmed state. @throws Error when nothing is stored */
  async learn(): Promise<void> {
    this.confirmed = await inSessions(this.router, LIST);
    if (!this.confirmed.includes(REDIRECTION_FILE)) throw new Error("nothing is stored for restarts");
  }

  /**
   * Returns what is wrong with the files, or with the layers after an emulated restart; empty when nothing is. Each file
   * must be as in the confirmed state or absent: files that are being written are not in their final place yet. `end`
   * removes what the fault has added to the router.
   */
  async wrong({ persist, isConfirmed, isRolledBack }: ConfirmResult, end: () => Promise<void>): Promise<string> {
    const lines = (await inSessions(this.router, LIST)).split("\n").filter((line) => line !== "");
    const exists = (file: string) => lines.some((line) => line.endsWith(` ${file}`));
    const other = lines.find((line) => !persist || !this.confirmed.split("\n").includes(line));
    if (other !== undefined) return `not as confirmed: ${other}`;
    if (isRolledBack && exists(REDIRECTION_FILE)) return "a restart would restore the rolled-back redirection";
    if (persist && isConfirmed && !exists(REDIRECTION_FILE))
      return "a restart would not restore the confirmed redirection";
    if (!persist) return "";
    await end();
    await this.router.run(`${END_SESSIONS}\n${LAYERS_AWAY}`);
    const isWhole = exists(REDIRECTION_FILE) && exists(RUNNER_FILE);
    await inSessions(
      this.router,
      `[ ! -e ${RUNNER_FILE} ] || timeout ${BOOT_LIMIT_SECONDS} /bin/sh ${RUNNER_FILE} boot || echo "$?"`,
    );
    const count = await this.countLayers();
    return count === (isWhole ? this.layers : 0) ? "" : `a restart restored ${count} of ${this.layers} layers`;
  }
}
