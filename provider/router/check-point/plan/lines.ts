import type { Desired, Selector } from "../model/desired";
import type { Found, FoundRule } from "../model/found";
import { resolvedName } from "./interfaces";
import { gatewayOf, isRejecting, ownPartOf, tableOf } from "./match";
import { selectorText } from "./steps";

/** The wanted state, one canonical line for each selector. */
export function desiredRules({ routes }: Desired): string[] {
  return routes.flatMap(({ redirection: { name, spsAddress, failMode }, selectors }) =>
    selectors.map((selector) => lineOf(name, selectorText(selector), spsAddress, failMode === "closed")),
  );
}

/** The same lines as found on the router, with the interfaces as the user wrote them. */
export function foundRules(wanted: Desired, found: Found): string[] {
  const names = new Set(wanted.routes.map(({ redirection }) => redirection.name));
  const texts = new Map(
    wanted.routes.flatMap(({ selectors }) => selectors).map(({ interface: text }) => [resolvedName(text, found), text]),
  );
  const own = found.rules.flatMap((rule) => {
    const part = ownPartOf(rule);
    return part && names.has(part.redirection) ? [{ rule, part, text: matchText(rule, texts) }] : [];
  });
  const stops = own.filter(({ part }) => part.role === "stop");
  const used = new Set<FoundRule>();
  const lines = own
    .filter(({ part }) => part.role === "hop")
    .map(({ rule, part, text }) => {
      const stop = stops.find(
        (one) =>
          one.text === text &&
          one.part.redirection === part.redirection &&
          one.rule.priority > rule.priority &&
          isRejecting(tableOf(one.rule), found),
      );
      if (stop) used.add(stop.rule);
      return lineOf(part.redirection, text, gatewayOf(tableOf(rule), found) ?? "another route", stop !== undefined);
    });
  const rest = stops
    .filter(({ rule }) => !used.has(rule))
    .map(({ part, text }) => `${part.redirection}: ${text}: rejected`);
  const order = desiredRules(wanted);
  const positionOf = (line: string) => (order.includes(line) ? order.indexOf(line) : order.length);
  return [...lines, ...rest].sort((left, right) => positionOf(left) - positionOf(right));
}

function lineOf(redirection: string, text: string, gateway: string, isClosed: boolean): string {
  return `${redirection}: ${text}: gateway ${gateway}${isClosed ? ", rejected without it" : ""}`;
}

function matchText({ match }: FoundRule, texts: ReadonlyMap<string, string>): string {
  const { from, to = "any", interface: name = "any", protocol, port, others } = match;
  if (protocol !== "tcp" || port === undefined || others.length > 0) return "other traffic";
  const selector: Selector = { from, to, interface: texts.get(name) ?? name, port: Number(port) };
  return selectorText(selector);
}
