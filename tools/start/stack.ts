import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { siteConfig } from "../../lab/cli/site-config";
import type { LabDescription } from "../../lab/common/description";

export const ROOT = resolve(__dirname, "../..");
/** Folder of the stack's state when it shall outlive the story; ignored by git. */
export const KEPT_STATE = join(ROOT, ".state");
export const STACK_NAME = "lab";

/** Settings under which the engine asks nobody outside this machine. */
const QUIET = {
  PULUMI_SKIP_UPDATE_CHECK: "true",
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
};

/**
 * The stack of the project in the root, configured for a lab. The program is examples/single-site, loaded from disk by
 * Pulumi's own language host, just as `pulumi up` does it.
 */
export async function openStack(lab: LabDescription, stateFolder: string): Promise<Stack> {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: STACK_NAME, workDir: ROOT },
    {
      envVars: {
        ...QUIET,
        PULUMI_BACKEND_URL: `file://${stateFolder}`,
        PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(stateFolder),
      },
    },
  );
  await stack.setAllConfig(siteConfig(lab));
  return stack;
}

/** File with the passphrase that encrypts the secrets of the state; made once. */
export function passphraseFile(stateFolder: string): string {
  const file = join(stateFolder, "passphrase");
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return file;
}
