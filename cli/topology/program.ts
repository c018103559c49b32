import { isAbsolute, relative, resolve } from "node:path";
import type { Topology, TopologyNode } from "../../provider/diagnosis/topology/schema";
import type { DiagnoseOptions } from "../../sdk/nodejs/diagnose";

type Connection = Record<string, unknown>;
type SiteInFile = DiagnoseOptions["sites"][number];

/** Roles that a program gives as searchRole; `search-local` is the default. */
const SEARCH_ROLE = /^search-(?!local$)/;

/**
 * A Pulumi program for sites as they are: each preview of it shows that it adopts them and changes nothing. Connections are those of the file,
 * without secrets; the other nodes get the account of the Central Management node, and not its pinned certificate. A join that is not there
 * is not acknowledged.
 * @param from the folder of the file, to which its paths are relative
 * @param to the folder of the program
 */
export function programOf(
  sites: readonly { site: SiteInFile; topology: Topology }[],
  { from, to }: { from: string; to: string },
): string {
  const bodies = sites.map(({ site, topology }) => {
    const {
      sps,
      spp,
      routers = [],
    } = site as unknown as Record<"sps" | "spp", Connection> & { routers?: Connection[] };
    const connection = (given: Connection) =>
      withFiles(given, (path) => (isAbsolute(path) || path.startsWith("~") ? path : relative(to, resolve(from, path))));
    const { certificateSha256: _pin, ...member } = sps;
    const central = topology.sps.nodes.find(({ isCentral }) => isCentral);
    const members = topology.sps.nodes.filter((node) => node !== central);
    const args = {
      cluster: {
        centralManagement: connection(sps),
        ...searchRoleOf(central),
        ...(members.length > 0 && {
          members: members.map((node) => ({
            connection: { ...connection(member), address: node.address },
            ...searchRoleOf(node),
          })),
        }),
      },
      join: {
        spp: connection(spp),
        ...(topology.join.state === "joined" && {
          acknowledge: { irreversible: true, sps: sps.address, spp: spp.address },
        }),
      },
      ...(routers.length > 0 && {
        routers: Object.fromEntries(
          routers.map(({ name, ...router }) => [name, { ...(connection(router) as object), adopt: true }]),
        ),
      }),
    };
    return `new Site(${literal(topology.site)}, ${literal(args)});\n`;
  });
  return `import { readFileSync } from "node:fs";\nimport { Site } from "pulumi-safeguard";\n\n${bodies.join("\n")}`;
}

/** The search role of a node, where it is not the default. */
function searchRoleOf(node: TopologyNode | undefined): { searchRole?: string } {
  const role = node?.roles.find((one) => SEARCH_ROLE.test(one));
  return role === undefined ? {} : { searchRole: role };
}

/** Text that stands for itself in the program. */
class Code {
  constructor(readonly text: string) {}
}

/** The same values with the paths of the program, and certificates read from their file. */
function withFiles(value: unknown, pathOf: (path: string) => string): Connection {
  const convert = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(convert);
    if (inner === null || typeof inner !== "object") return inner;
    return Object.fromEntries(
      Object.entries(inner).map(([key, member]) => {
        if (!key.endsWith("File") || typeof member !== "string") return [key, convert(member)];
        const path = pathOf(member);
        return key === "caFile" ? ["ca", new Code(`readFileSync(${literal(path)}, "utf8")`)] : [key, path];
      }),
    );
  };
  return convert(value) as Connection;
}

/** A value as a literal of TypeScript. */
function literal(value: unknown, indent = ""): string {
  if (value instanceof Code) return value.text;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return value.length === 0
      ? "[]"
      : `[\n${value.map((one) => `${inner}${literal(one, inner)},\n`).join("")}${indent}]`;
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const key = (name: string) => (/^[a-z_$][\w$]*$/i.test(name) ? name : JSON.stringify(name));
  return `{\n${members.map(([name, member]) => `${inner}${key(name)}: ${literal(member, inner)},\n`).join("")}${indent}}`;
}
