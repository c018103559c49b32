import { baseFacts } from "../../benchmarks/preflight/base-facts";
import { findingsOf } from "../../provider/diagnosis/checks";
import { kindOf, typedFor } from "../../provider/diagnosis/checks/command";
import type { Finding } from "../../provider/diagnosis/graph/finding";
import type { RouterFacts } from "../../provider/diagnosis/site/facts";

const INTRODUCTION = `# Checks of the doctor

<!-- Written by \`npm run docs\` from the checks; change them, not this page. -->

What \`npx pulumi-safeguard doctor\` examines, level by level, by the ids that \`--json\` prints. A check that fails because
another one did is folded below that one. [docs/doctor.md](../doctor.md) explains the command. Ids of checks of a router end with
its name, such as \`router-login:edge\`.
`;

/** What stands for the name of a router and of a redirection. */
const ROUTER = "NAME";
const REDIRECTION = "REDIRECTION";

const router: RouterFacts = {
  name: ROUTER,
  object: `router ${ROUTER}`,
  redirections: [REDIRECTION],
  wantedRules: [],
  reading: { why: "not read" },
  warnings: [],
  preview: { why: "not read" },
  trafficSeconds: 0,
  pathProof: true,
};

/** The page with every check, which reports name for findings without an error code. */
export function checkPage(): Record<string, string> {
  const findings = findingsOf({
    pair: baseFacts({ clusterId: "any" }),
    routers: [router],
    newSessions: { why: "not read" },
  });
  return {
    "checks/README.md": `${INTRODUCTION}\n${findings.map((finding) => sectionOf(finding, findings)).join("\n")}`,
  };
}

function sectionOf({ id, title, level, after }: Finding, all: readonly Finding[]): string {
  const { command, purpose } = typedFor(id);
  const needed = all.filter((one) => after.includes(one.id)).map((one) => `[${kindOf(one.id)}](#${kindOf(one.id)})`);
  return `## ${kindOf(id)}

It passes when ${title}.

- Level: ${level}.
- Needs: ${needed.length > 0 ? needed.join(", ") : "nothing"}.
- When it fails, type: \`${command}\`; it ${purpose}.
`;
}
