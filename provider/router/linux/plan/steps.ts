import { quoteWord } from "../../../core/shell-word";
import { NOTES_FOLDER } from "../../guard/scripts/opening-script";
import type { Step } from "../../guard/scripts/shell-text";
import { commandText } from "../../guard/scripts/shell-text";
import type { Owner } from "../../owner";
import type { SourceChecks } from "../model/found";
import type { NextHop } from "../model/next-hops";
import { type PolicyRule, policyRuleWords, type Route, routeWords } from "../model/routing";

const ip = (...words: string[]): string => commandText({ words: ["ip", "-4", ...words] });

/** Sets a route; `before` is the route that it replaces. */
export function putRoute(route: Route, hop: NextHop, before: Route | undefined): Step {
  const words = routeWords(route, hop.table);
  const title =
    route.type === "unreachable"
      ? `add the unreachable route behind ${hop.gateway} (table ${hop.table})`
      : `add the default route to ${hop.gateway} (table ${hop.table})`;
  const undo = before ? ip("route", "replace", ...routeWords(before, hop.table)) : ip("route", "del", ...words);
  return { title, run: ip("route", "replace", ...words), undo };
}

export function removeRoute(route: Route, table: number): Step {
  const words = routeWords(route, table);
  return {
    title: `remove route ${words.join(" ")}`,
    run: ip("route", "del", ...words),
    undo: ip("route", "append", ...words),
  };
}

export function addPolicyRule(rule: PolicyRule, hop: NextHop): Step {
  const words = policyRuleWords(rule);
  const title = `add the policy rule for mark ${hop.mark} (table ${hop.table})`;
  return { title, run: ip("rule", "add", ...words), undo: ip("rule", "del", ...words) };
}

export function removePolicyRule(rule: PolicyRule): Step {
  const words = policyRuleWords(rule);
  return {
    title: `remove policy rule ${words.join(" ")}`,
    run: ip("rule", "del", ...words),
    undo: ip("rule", "add", ...words),
  };
}

/**
 * Loosens the reverse-path check, so that SPS can send packets with the address of a server, and notes the old setting.
 */
export function loosenSourceCheck(device: string, checks: SourceChecks): Step[] {
  const own = checks.own.get(device) ?? 0;
  const note = noteFile(device);
  const folder = `"${NOTES_FOLDER}"`;
  const noteStep: Step = {
    title: `save rp_filter of ${device}`,
    run: `mkdir -p ${folder} && echo ${own} >${note}`,
    undo: `rm -f ${note}; rmdir ${folder} 2>/dev/null || true`,
  };
  const change: Step = {
    title: `set rp_filter of ${device}`,
    run: `echo 2 >${settingFile(device)}`,
    undo: `echo ${own} >${settingFile(device)}`,
  };
  return checks.noted.has(device) ? [change] : [noteStep, change];
}

/** Restores the noted reverse-path check, unless another program has changed it since. */
export function restoreSourceCheck(device: string, checks: SourceChecks): Step[] {
  const noted = checks.noted.get(device);
  if (noted === undefined) return [];
  const note = noteFile(device);
  const folder = `"${NOTES_FOLDER}"`;
  const forget: Step = {
    title: `delete the saved rp_filter of ${device}`,
    run: `rm -f ${note} && { rmdir ${folder} 2>/dev/null || true; }`,
    undo: `mkdir -p ${folder} && echo ${noted} >${note}`,
  };
  if (checks.own.get(device) !== 2) return [forget];
  const change: Step = {
    title: `restore rp_filter of ${device}`,
    run: `echo ${noted} >${settingFile(device)}`,
    undo: `echo 2 >${settingFile(device)}`,
  };
  return [change, forget];
}

/** Records the owner of redirections; `before` are the owners recorded so far. */
export function recordOwners(names: readonly string[], owner: Owner, before: ReadonlyMap<string, Owner>): Step[] {
  if (names.length === 0) return [];
  return [
    {
      title: `record the owner of redirection ${names.join(", ")}`,
      run: ownersText(names, () => owner),
      undo: ownersText(names, (name) => before.get(name)),
    },
  ];
}

/** Deletes the records of owners. */
export function forgetOwners(names: readonly string[], before: ReadonlyMap<string, Owner>): Step[] {
  if (names.length === 0) return [];
  return [
    {
      title: `delete the owner record of redirection ${names.join(", ")}`,
      run: ownersText(names, () => undefined),
      undo: ownersText(names, (name) => before.get(name)),
    },
  ];
}

/** The record of an owner in one line. */
export function ownerRecord({ id, urn }: Owner): string {
  return urn === undefined ? id : `${id} ${urn}`;
}

/** Shell text that writes or deletes the record of each redirection's owner. */
export function ownersText(names: readonly string[], ownerOf: (name: string) => Owner | undefined): string {
  const lines = names.map((name) => {
    const [file, owner] = [`"${NOTES_FOLDER}"/owner.${name}`, ownerOf(name)];
    if (!owner) return `rm -f ${file} || return 1`;
    return `printf '%s\\n' ${quoteWord(ownerRecord(owner))} >${file} || return 1`;
  });
  return [`mkdir -p "${NOTES_FOLDER}" || return 1`, ...lines, `rmdir "${NOTES_FOLDER}" 2>/dev/null || true`].join("\n");
}

function noteFile(device: string): string {
  return noteAt(quoteWord(device));
}

function settingFile(device: string): string {
  return settingAt(quoteWord(device));
}

/** The path of the note with the old reverse-path check, as shell text; the interface is a shell word. */
export function noteAt(device: string): string {
  return `"${NOTES_FOLDER}"/rp_filter.${device}`;
}

/** The kernel setting of the reverse-path check, as shell text; the interface is a shell word. */
export function settingAt(device: string): string {
  return `/proc/sys/net/ipv4/conf/${device}/rp_filter`;
}
