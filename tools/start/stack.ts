import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { siteConfig } from "../../lab/cli/site-config";
import type { LabDescription } from "../../lab/common/description";
import { OFFLINE } from "./offline";

export const ROOT = resolve(__dirname, "../..");
/** State folder of a stack that is kept after the tour; ignored by git. */
const KEPT_STATE = join(ROOT, ".state");
export const STACK_NAME = "lab";

/** Where a stack's state and configuration are stored. */
export interface StackPlace {
  stateFolder: string;
  /** Folder of Pulumi.yaml and of the stack's configuration. */
  projectFolder: string;
}

/** Prepares the project in the root, without what an earlier stack left. */
export function keptPlace(): StackPlace {
  rmSync(KEPT_STATE, { recursive: true, force: true });
  // The configuration of an earlier stack is encrypted with another passphrase.
  rmSync(join(ROOT, `Pulumi.${STACK_NAME}.yaml`), { force: true });
  mkdirSync(KEPT_STATE, { mode: 0o700 });
  return { stateFolder: KEPT_STATE, projectFolder: ROOT };
}

/** Prepares a project folder with the same program below the lab's folder, which the lab removes when it stops. */
export function temporaryPlace(labDirectory: string): StackPlace {
  const stateFolder = join(labDirectory, "state");
  const projectFolder = join(labDirectory, "project");
  for (const folder of [stateFolder, projectFolder]) mkdirSync(folder, { mode: 0o700 });
  symlinkSync(join(ROOT, "examples"), join(projectFolder, "examples"), "dir");
  copyFileSync(join(ROOT, "Pulumi.yaml"), join(projectFolder, "Pulumi.yaml"));
  return { stateFolder, projectFolder };
}

/**
 * Opens the stack of the project in the root, configured for a lab. Pulumi's own language host loads the program
 * examples/single-site from disk, as with `pulumi up`.
 */
export async function openStack(lab: LabDescription, { stateFolder, projectFolder }: StackPlace): Promise<Stack> {
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: STACK_NAME, workDir: projectFolder },
    {
      envVars: {
        ...OFFLINE,
        PULUMI_BACKEND_URL: `file://${stateFolder}`,
        PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(stateFolder),
      },
    },
  );
  await stack.setAllConfig(siteConfig(lab));
  return stack;
}

/** The file with the passphrase that encrypts the state's secrets; created on first use. */
export function passphraseFile(stateFolder: string): string {
  const file = join(stateFolder, "passphrase");
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return file;
}
