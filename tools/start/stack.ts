import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { siteConfig } from "../../lab/cli/site-config";
import type { LabDescription } from "../../lab/common/description";

export const ROOT = resolve(__dirname, "../..");
/** Folder of the stack's state when it shall outlive the story; ignored by git. */
const KEPT_STATE = join(ROOT, ".state");
export const STACK_NAME = "lab";

/** Settings under which the engine asks nobody outside this machine. */
const QUIET = {
  PULUMI_SKIP_UPDATE_CHECK: "true",
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
};

/** Where state and configuration of a stack lie. */
export interface StackPlace {
  stateFolder: string;
  /** Folder with Pulumi.yaml; Pulumi writes the stack's configuration there. */
  projectFolder: string;
}

/** A place that outlives the story: the project in the root, begun anew. */
export function keptPlace(): StackPlace {
  rmSync(KEPT_STATE, { recursive: true, force: true });
  // What a former stack of this name left would be encrypted with another passphrase.
  rmSync(join(ROOT, `Pulumi.${STACK_NAME}.yaml`), { force: true });
  mkdirSync(KEPT_STATE, { mode: 0o700 });
  return { stateFolder: KEPT_STATE, projectFolder: ROOT };
}

/** A place that goes with the lab: the same program, seen from a project folder in the lab's own. */
export function passingPlace(labDirectory: string): StackPlace {
  const stateFolder = join(labDirectory, "state");
  const projectFolder = join(labDirectory, "project");
  for (const folder of [stateFolder, projectFolder]) mkdirSync(folder, { mode: 0o700 });
  symlinkSync(join(ROOT, "examples"), join(projectFolder, "examples"), "dir");
  copyFileSync(join(ROOT, "Pulumi.yaml"), join(projectFolder, "Pulumi.yaml"));
  return { stateFolder, projectFolder };
}

/**
 * The stack of the project in the root, configured for a lab. The program is examples/single-site, loaded from disk by
 * Pulumi's own language host, just as `pulumi up` does it.
 */
export async function openStack(lab: LabDescription, { stateFolder, projectFolder }: StackPlace): Promise<Stack> {
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: STACK_NAME, workDir: projectFolder },
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
