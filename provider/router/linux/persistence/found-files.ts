import { quoteWord } from "../../../core/shell-word";
import type { ServiceName } from "../model/status";
import { MARKER, PERSISTENCE_FOLDER, RUNNER, redirectionPath, SERVICES } from "./services";

/** A file at one of our paths, as found on the router. */
export interface FoundFile {
  /** Kind and permissions as `ls -l` shows them. */
  mode: string;
  /** User id of the owner. */
  owner: number;
  /** The target of a link. */
  target?: string;
  /** SHA-256 of a file, if the router can compute it. */
  digest?: string;
  /** True when it contains our marker. */
  isMarked: boolean;
}

/** What restores redirections at boot, as found on the router. */
export interface FoundPersistence {
  /** The services that can run a program at boot or when links come up. */
  services: ServiceName[];
  /** False when the router has no `sha256sum`. */
  canDigest: boolean;
  /** The files at our paths. */
  files: ReadonlyMap<string, FoundFile>;
}

/** The result of reading a router without any of our files. */
export const NO_PERSISTENCE: FoundPersistence = { services: [], canDigest: true, files: new Map() };

/** All our possible paths, except the files of redirections. */
export const COMMON_PATHS: readonly string[] = [
  PERSISTENCE_FOLDER,
  RUNNER,
  ...SERVICES.flatMap(({ files }) => files.map(({ path }) => path)),
];

/** Shell text that defines `sps_persisted`, which lists services and files and changes nothing. */
export const PERSISTED_FUNCTION = `sps_persisted() {
  command -v sha256sum >/dev/null 2>&1 || echo 'lacks sha256sum'
${SERVICES.map(({ name, test }) => `  if ${test}; then echo 'services ${name}'; fi`).join("\n")}
  set --
  for sps_file in ${COMMON_PATHS.map(quoteWord).join(" ")} ${PERSISTENCE_FOLDER}/*.sh; do
    if [ -e "$sps_file" ] || [ -L "$sps_file" ]; then set -- "$@" "$sps_file"; fi
  done
  [ "$#" -gt 0 ] || return 0
  ls -lnd "$@" | sed 's/^/mode /'
  { grep -ls '${MARKER}' "$@" | sed 's/^/marked /'; sha256sum "$@" | sed 's/^/digest /'; } 2>/dev/null
  return 0
}`;

/** Parses the output of `sps_persisted`. */
export function parsePersisted(text: string): FoundPersistence {
  const digests = new Map(matches(text, /^digest ([0-9a-f]{64}) [ *](\/\S+)$/gm).map(([hex, path]) => [path, hex]));
  const marked = new Set(matches(text, /^marked (\/\S+)$/gm).map(([path]) => path));
  const mode = matches(text, /^mode (\S{10})[.+@]? +\d+ +(\d+) .*? (\/etc\/\S+?)(?: -> (\S+))?$/gm);
  const files = mode.map(([shown = "", owner, path = "", target]): [string, FoundFile] => {
    const digest = digests.get(path);
    const file = { mode: shown, owner: Number(owner), isMarked: marked.has(path) };
    return [path, { ...file, ...(target !== undefined && { target }), ...(digest !== undefined && { digest }) }];
  });
  return {
    services: SERVICES.map(({ name }) => name).filter((name) => new RegExp(`^services ${name}$`, "m").test(text)),
    canDigest: !/^lacks sha256sum$/m.test(text),
    files: new Map(files),
  };
}

/** Whether the router has a file of a redirection, which a restart would restore. */
export function isPersisted(redirectionName: string, found: { persistence: FoundPersistence }): boolean {
  const path = redirectionPath(redirectionName);
  return isOurs(path, found.persistence.files.get(path));
}

/** Whether a file at one of our paths was written by this product. */
export function isOurs(path: string, file: FoundFile | undefined): boolean {
  if (!file) return false;
  const known = SERVICES.flatMap(({ files }) => files).find((one) => one.path === path);
  if (known?.target !== undefined) return file.target === known.target;
  return file.isMarked || file.mode.startsWith("d");
}

function matches(text: string, pattern: RegExp): (string | undefined)[][] {
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups);
}
