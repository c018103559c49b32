import { BANNER_KINDS, type BannerKind, type Configuration } from "../configuration";
import { BAD_NAME, type ConfigurationCommand } from "./context";

/** A banner whose text goes on in the lines that follow. */
interface OpenBanner {
  kind: BannerKind;
  delimiter: string;
  /** What was read of its text. */
  text: string;
  isWhole: boolean;
}

/** `banner KIND`: its text stands between delimiters, and may be of several lines. */
export const BANNER_COMMANDS: readonly ConfigurationCommand[] = BANNER_KINDS.flatMap((kind): ConfigurationCommand[] => [
  {
    pattern: `banner ${kind} <line>`,
    run: ({ configuration }, [text = ""]) => {
      const banner = beginBanner(`banner ${kind} ${text}`);
      // Lines that follow are read by whoever executes commands.
      return banner?.isWhole ? keepBanner(configuration, banner) : BAD_NAME;
    },
  },
  ...[`no banner ${kind}`, `no banner ${kind} <line>`].map(
    (pattern): ConfigurationCommand => ({
      pattern,
      run: ({ configuration }) => void delete configuration.banners[kind],
    }),
  ),
]);

/** Reads the first line of a banner; undefined for another command. `^C` stands for the key Ctrl-C. */
export function beginBanner(line: string): OpenBanner | undefined {
  const [, word = "", rest = ""] = /^ban(?:n(?:er?)?)?\s+(\w+)\s+(\S.*)$/i.exec(line) ?? [];
  const kind = BANNER_KINDS.find((one) => word !== "" && one.startsWith(word.toLowerCase()));
  if (kind === undefined) return undefined;
  const delimiter = rest.startsWith("^C") ? "^C" : (rest[0] ?? "");
  return extended({ kind, delimiter, text: "", isWhole: false }, rest.slice(delimiter.length));
}

/** Takes one more line into a banner. */
export function goOnWithBanner(banner: OpenBanner, line: string): OpenBanner {
  return extended({ ...banner, text: `${banner.text}\n` }, line);
}

/** What follows the second delimiter is ignored. */
function extended(banner: OpenBanner, line: string): OpenBanner {
  const end = line.indexOf(banner.delimiter);
  return { ...banner, text: banner.text + (end < 0 ? line : line.slice(0, end)), isWhole: end >= 0 };
}

/** Puts a whole banner into a configuration. */
export function keepBanner({ banners }: Configuration, { kind, text }: OpenBanner): undefined {
  banners[kind] = text;
}
