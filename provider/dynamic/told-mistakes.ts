import { createHash } from "node:crypto";
import type { InputFailure } from "../core/validate";

/**
 * Leaves out the reasons of mistakes in a part of the inputs that an earlier resource of the deployment got word by word,
 * with the same mistake: a Site passes one connection to its cluster and to its join. The failure stays, without words.
 * @param told what was reported; kept as hashes, because parts hold secrets
 */
export function untold(
  failures: readonly InputFailure[],
  inputs: Record<string, unknown>,
  told: Set<string>,
): InputFailure[] {
  const own: string[] = [];
  const left = failures.map((failure) => {
    const [part = ""] = failure.path.split(/[.[]/);
    const value = inputs[part];
    if (failure.path === part || value === null || typeof value !== "object") return failure;
    const text = JSON.stringify([value, failure.path.slice(part.length), failure.reason.replaceAll(failure.path, "")]);
    const key = createHash("sha256").update(text).digest("base64");
    own.push(key);
    return told.has(key) ? { ...failure, reason: "" } : failure;
  });
  for (const key of own) told.add(key);
  return left;
}
