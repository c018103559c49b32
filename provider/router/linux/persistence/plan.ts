import type { Desired } from "../model/desired";
import type { ServiceName } from "../model/status";
import type { Decision, PlanContext } from "../plan/decision";
import { refusal } from "../plan/refusal";
import { isFileRight, persistedFiles } from "./files";
import { isOurs, isPersisted } from "./found-files";
import { type PersistedFile, redirectionAt, redirectionPath, SERVICES } from "./services";

/** The files to write and to remove so that a restart restores the wanted redirections, or no longer does. */
export interface PersistencePlan {
  write: PersistedFile[];
  remove: string[];
}

/** The wanted redirections that survive a restart, one canonical line each. Known in previews. */
export function wantedPersistenceLines(desired: Desired): string[] {
  return desired.isPersistent ? desired.chains.map(({ redirection }) => lineOf(redirection.name)) : [];
}

/** The same lines for the state of the router; files out of sync are named at the end. */
export function foundPersistenceLines(decision: Decision): string[] {
  const { desired, found } = decision;
  const { files } = found.persistence;
  const wanted = persistedFiles(decision);
  const common = wanted.filter(({ path }) => redirectionAt(path) === undefined);
  return desired.chains.flatMap(({ redirection: { name } }) => {
    const path = redirectionPath(name);
    const there = files.get(path);
    if (!isOurs(path, there)) return [];
    const needed = [...wanted.filter((file) => file.path === path), ...common];
    const wrong = needed.find((file) => !isFileRight(file, files.get(file.path)));
    if (!wrong) return [lineOf(name)];
    return [`${lineOf(name)} (${wrong.path} is ${files.has(wrong.path) ? "altered" : "missing"})`];
  });
}

/** The services that restore the wanted redirections at boot or when links come up; empty when there are none. */
export function persistedBy({ desired, found }: Pick<Decision, "desired" | "found">): ServiceName[] {
  const { files, services } = found.persistence;
  if (!desired.chains.some(({ redirection }) => isPersisted(redirection.name, found))) return [];
  const working = SERVICES.filter(
    (one) => services.includes(one.name) && one.files.every((file) => isFileRight(file, files.get(file.path))),
  );
  return working.map(({ name }) => name);
}

/** The changes to the files on the router; undefined when they are in sync. */
export function planPersistence(context: PlanContext): PersistencePlan | undefined {
  const { desired, found, owned, isAdopting } = context;
  const { files } = found.persistence;
  const wanted = persistedFiles(context);
  const write = wanted.filter((file) => !isFileRight(file, files.get(file.path)));
  const held = [...owned.chains, ...(isAdopting ? desired.chains : [])].map(({ redirection }) => redirection.name);
  const isWanted = (path: string) => wanted.some((file) => file.path === path);
  const unwanted = [...new Set(held)].filter((name) => isPersisted(name, found)).map(redirectionPath);
  const remove = unwanted.filter((path) => !isWanted(path));
  const left = [...files].filter(
    ([path, file]) => redirectionAt(path) !== undefined && isOurs(path, file) && !remove.includes(path),
  );
  if (remove.length > 0 && left.length === 0 && wanted.length === 0) {
    // Remove hooks before the program that they run, and the folder last.
    const common = [...files].filter(([path, file]) => redirectionAt(path) === undefined && isOurs(path, file));
    remove.push(...common.map(([path]) => path).reverse());
  }
  return write.length + remove.length > 0 ? { write, remove } : undefined;
}

/**
 * Checks that redirections can be restored at boot.
 * @throws SafeguardError SG3110 when the router has no service to run them, SG3101 without a tool, SG3206 when a
 * foreign file is in the way
 */
export function requirePersistable(context: PlanContext): void {
  const { desired, found } = context;
  const { services, canDigest, files } = found.persistence;
  const wanted = persistedFiles(context);
  if (!desired.isPersistent || desired.chains.length === 0) return;
  if (services.length === 0) {
    throw refusal("SG3110", context, "the router has no systemd, NetworkManager, networkd-dispatcher or ifupdown");
  }
  if (!canDigest) throw refusal("SG3101", context, "sha256sum is missing");
  const foreign = wanted.find(({ path }) => files.has(path) && !isOurs(path, files.get(path)));
  if (foreign) throw refusal("SG3206", context, `${foreign.path} exists and was made by another program`);
}

/** Parts that no service restores although the redirections are persistent; for the log. */
export function persistenceWarnings({ desired, found: { persistence } }: Decision): string[] {
  const isForLinks = SERVICES.some((one) => one.isForLinks && persistence.services.includes(one.name));
  if (!desired.isPersistent || desired.chains.length === 0 || isForLinks) return [];
  return [
    "after the link to SPS was down, the default route to SPS returns only at the next restart or pulumi up, because the router has no NetworkManager, networkd-dispatcher or ifupdown",
  ];
}

function lineOf(redirectionName: string): string {
  return `persist: redirection ${redirectionName}`;
}
