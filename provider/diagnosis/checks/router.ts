import {
  counted,
  fail,
  failureOf,
  given,
  listed,
  notChecked,
  type Outcome,
  pass,
  warn,
} from "../../join/preflight/check";
import { type Fact, isRead, TIME_UP } from "../../join/preflight/gathering";
import type { Looked } from "../../router/platform";
import type { Finding } from "../graph/finding";
import type { RouterFacts } from "../site/facts";
import { trafficFindings } from "./traffic";

/** Codes of a failed login: credentials that are not found, and everything about the SSH connection. */
const LOGIN_CODE = /^SG(1001|30\d\d)$/;

/**
 * One router: its login, its rules, what is in their way, the path to SPS, and the traffic.
 * @param isSpsSilent whether nothing at the address of SPS answers, which explains a path that leads nowhere
 */
export function routerFindings(router: RouterFacts, isSpsSilent: boolean): Finding[] {
  const { name, object } = router;
  const id = (check: string) => `router-${check}:${name}`;
  const finding = (
    check: string,
    title: string,
    after: readonly string[],
    outcome: Outcome,
    isUnsupported = false,
  ): Finding => ({ ...{ id: id(check), level: "router", title, object, after, outcome, isUnsupported } });
  const [found, bypassed] = [rules(router), bypass(router)];
  return [
    finding("login", `router ${name} accepts the login`, [], login(router)),
    finding("rules", `router ${name} has the redirections`, [id("login")], found),
    finding("obstacles", `router ${name} lets the redirections work`, [id("login")], obstacles(router)),
    finding("bypass", `router ${name} does not bypass SPS`, [id("login")], bypassed),
    finding(
      "path",
      `router ${name} reaches SPS`,
      [id("rules"), id("obstacles"), ...(isSpsSilent ? ["sps-reachable"] : [])],
      path(router),
      router.pathProof !== true,
    ),
    ...trafficFindings(router, found.status !== "fail" && bypassed.status !== "warn"),
  ];
}

const isLoginFailure = (fact: Fact<unknown>) => "why" in fact && LOGIN_CODE.test(fact.code ?? "");

function login({ reading }: RouterFacts): Outcome {
  if (isRead(reading)) return pass("it does");
  if (isLoginFailure(reading)) return failureOf(reading);
  if (reading.code === TIME_UP) return warn(`it was not read: ${reading.why}`, "check the load of the router");
  return reading.code === undefined ? notChecked(reading.why) : pass("it does");
}

function rules({ reading, wantedRules, redirections }: RouterFacts): Outcome {
  if ("why" in reading) {
    const isOfRouter = reading.code !== undefined && reading.code !== TIME_UP && !isLoginFailure(reading);
    return isOfRouter ? failureOf(reading) : notChecked(reading.why);
  }
  const found = reading.value?.rules ?? [];
  const missing = wantedRules.filter((line) => !found.includes(line));
  const added = found.filter((line) => !wantedRules.includes(line));
  if (missing.length + added.length === 0)
    return pass(`${counted(wantedRules.length, "rule")} of ${listed(redirections)}`);
  const lacking = missing.length > 0 ? [`lacks ${counted(missing.length, "rule")}: ${listed(missing, 3)}`] : [];
  const other = added.length > 0 ? [`has ${counted(added.length, "other rule")}: ${listed(added, 3)}`] : [];
  const text = reading.value ? `it ${[...lacking, ...other].join("; it ")}` : `it has none of ${listed(redirections)}`;
  return { status: "fail", code: "SG2504", text, remedy: "run pulumi up --refresh for the site" };
}

function obstacles({ reading, preview, warnings }: RouterFacts): Outcome {
  if ("why" in reading) return notChecked(reading.why);
  if ("why" in preview) {
    return preview.code === undefined || preview.code === TIME_UP ? notChecked(preview.why) : failureOf(preview);
  }
  const { refusals, notes } = preview.value;
  const [refused] = refusals;
  if (refused)
    return fail(refused.code, listed(refusals.map(({ text }) => text.cause)), undefined, refused.text.remedy);
  const others = notes.filter(({ severity, topic }) => severity === "warning" && topic === undefined);
  const elsewhere = new Set(notesOn("bypass", preview.value));
  const read = warnings.filter((text) => !elsewhere.has(text));
  const texts = [...new Set([...read, ...others.map(({ text }) => text)])];
  if (texts.length === 0) return pass("no rule or setting of others is");
  const parts = texts.map(withRemedy);
  const remedy = [...new Set(parts.flatMap((part) => part.remedy ?? []))].join("; ");
  return {
    status: "warn",
    text: listed(
      parts.map(({ cause }) => cause),
      5,
    ),
    ...(remedy !== "" && { remedy }),
  };
}

const notesOn = (wanted: "path" | "bypass", { notes }: Looked) =>
  notes.filter(({ topic }) => topic === wanted).map(({ text }) => text);

function bypass({ preview }: RouterFacts): Outcome {
  return given(preview, (looked) => {
    if (looked.refusals.length > 0) return notChecked("something on the router is in the way");
    const [first, ...more] = notesOn("bypass", looked).map(withRemedy);
    if (first === undefined) return pass("it does not");
    const causes = [first, ...more].map(({ cause }) => cause);
    return warn(listed(causes, 3), first.remedy ?? "check whether SPS answers, and the network to it");
  });
}

/** The two parts of a warning, `cause; remedy`; a warning may have no remedy. */
function withRemedy(warning: string): { cause: string; remedy?: string } {
  const at = warning.lastIndexOf("; ");
  return at < 0 ? { cause: warning } : { cause: warning.slice(0, at), remedy: warning.slice(at + 2) };
}

function path({ preview, pathProof }: RouterFacts): Outcome {
  return given(preview, (looked) => {
    if (looked.refusals.length > 0) return notChecked("something on the router is in the way");
    if (pathProof !== true) return notChecked(pathProof.reason);
    const failed = notesOn("path", looked);
    if (failed.length === 0) return pass("it does");
    return { status: "fail", code: "SG2505", text: listed(failed, 3), remedy: PATH_REMEDY };
  });
}

const PATH_REMEDY =
  "check the interface of SPS, the network in between, and that SPS has a connection policy for the port";
