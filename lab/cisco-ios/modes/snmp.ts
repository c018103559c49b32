import type { Configuration } from "../configuration";
import { BAD_NAME, type ConfigurationCommand } from "./context";

/** `snmp-server community`: one line a name, with its rights in capital letters; read-only without any. */
export const SNMP_COMMANDS: readonly ConfigurationCommand[] = [
  { pattern: "snmp-server community <name>", run: ({ configuration }, [name = ""]) => keep(configuration, name, []) },
  {
    pattern: "snmp-server community <name> <words>",
    run: ({ configuration }, [name = "", ...words]) => keep(configuration, name, words),
  },
  ...["", " <words>"].map(
    (rest): ConfigurationCommand => ({
      pattern: `no snmp-server community <name>${rest}`,
      run: ({ configuration }, [name]) => {
        configuration.globals = configuration.globals.filter((line) => !isOf(line, name ?? ""));
        return undefined;
      },
    }),
  ),
];

const isOf = (line: string, name: string) => line.startsWith(`snmp-server community ${name} `);

/** `[view NAME] [ro|rw] [ipv6 LIST] [LIST]` */
function keep({ globals }: Configuration, name: string, words: readonly string[]): string | undefined {
  const rest = [...words];
  const view = rest[0] === "view" ? rest.splice(0, 2) : [];
  const rights = /^(ro|rw)$/i.test(rest[0] ?? "") ? (rest.shift() ?? "") : "ro";
  const ipv6 = rest[0] === "ipv6" ? rest.splice(0, 2) : [];
  if (rest.length > 1 || view.length === 1 || ipv6.length === 1) return BAD_NAME;
  const line = ["snmp-server community", name, ...view, rights.toUpperCase(), ...ipv6, ...rest].join(" ");
  const known = globals.findIndex((one) => isOf(one, name));
  globals.splice(known < 0 ? globals.length : known, known < 0 ? 0 : 1, line);
  return undefined;
}
