import { quoteWord } from "../../guard/scripts/shell-text";
import type { MeansName } from "../model/status";
import { ALL_MEANS, MARKER, PERSISTENCE_FOLDER, RUNNER } from "./means";

/** One of our paths as it was found on the router. */
export interface FoundFile {
  /** Kind and permissions as `ls -l` shows them. */
  looks: string;
  /** Number of the user it belongs to. */
  owner: number;
  /** Where a link leads. */
  target?: string;
  /** SHA-256 of a file, where the router can tell. */
  digest?: string;
  /** True when it says that it is ours. */
  isMarked: boolean;
}

/** What makes redirections outlive a restart of the router, as found. */
export interface FoundPersistence {
  /** What the router has to run something at boot or when links come up. */
  means: MeansName[];
  /** False where the router has no `sha256sum`. */
  canDigest: boolean;
  /** What is there at our paths. */
  files: ReadonlyMap<string, FoundFile>;
}

/** What is read of a router on which nothing of ours is. */
export const NO_PERSISTENCE: FoundPersistence = { means: [], canDigest: true, files: new Map() };

/** Every path that may be ours besides the files of redirections. */
export const COMMON_PATHS: readonly string[] = [
  PERSISTENCE_FOLDER,
  RUNNER,
  ...ALL_MEANS.flatMap(({ files }) => files.map(({ path }) => path)),
];

/** Shell text that defines `sps_persisted`, which lists means and files and changes nothing. */
export const PERSISTED_FUNCTION = `sps_persisted() {
  command -v sha256sum >/dev/null 2>&1 || echo 'lacks sha256sum'
${ALL_MEANS.map(({ name, test }) => `  if ${test}; then echo 'means ${name}'; fi`).join("\n")}
  set --
  for sps_file in ${COMMON_PATHS.map(quoteWord).join(" ")} ${PERSISTENCE_FOLDER}/*.sh; do
    if [ -e "$sps_file" ] || [ -L "$sps_file" ]; then set -- "$@" "$sps_file"; fi
  done
  [ "$#" -gt 0 ] || return 0
  ls -lnd "$@" | sed 's/^/looks /'
  { grep -ls '${MARKER}' "$@" | sed 's/^/marked /'; sha256sum "$@" | sed 's/^/digest /'; } 2>/dev/null
  return 0
}`;

/** Makes sense of what `sps_persisted` lists. */
export function parsePersisted(text: string): FoundPersistence {
  const digests = new Map(matches(text, /^digest ([0-9a-f]{64}) [ *](\/\S+)$/gm).map(([hex, path]) => [path, hex]));
  const marked = new Set(matches(text, /^marked (\/\S+)$/gm).map(([path]) => path));
  const looks = matches(text, /^looks (\S{10})[.+@]? +\d+ +(\d+) .*? (\/etc\/\S+?)(?: -> (\S+))?$/gm);
  const files = looks.map(([shown = "", owner, path = "", target]): [string, FoundFile] => {
    const digest = digests.get(path);
    const file = { looks: shown, owner: Number(owner), isMarked: marked.has(path) };
    return [path, { ...file, ...(target !== undefined && { target }), ...(digest !== undefined && { digest }) }];
  });
  return {
    means: ALL_MEANS.map(({ name }) => name).filter((name) => new RegExp(`^means ${name}$`, "m").test(text)),
    canDigest: !/^lacks sha256sum$/m.test(text),
    files: new Map(files),
  };
}

function matches(text: string, pattern: RegExp): (string | undefined)[][] {
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups);
}
