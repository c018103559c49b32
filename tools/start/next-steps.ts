import { say } from "./show";
import { passphraseFile, STACK_NAME } from "./stack";

/** Prints how to use the kept stack with Pulumi's own commands in the project's root. */
export function printNextSteps(stateFolder: string): void {
  // Unset when the CLI is on the user's PATH.
  const folder = process.env.PULUMI_SAFEGUARD_CLI_FOLDER;
  if (folder) say(`   export PATH="${folder}:$PATH"`);
  say(`   export PULUMI_CONFIG_PASSPHRASE_FILE=${passphraseFile(stateFolder)}`);
  say(`   pulumi stack select ${STACK_NAME}`);
  say("   pulumi preview --diff");
  say("   pulumi up");
  say("   npm run lab -- connect            # shows whether a connection passes SPS");
  say("   npm run lab -- status");
  say("   npm run lab -- down               # stops the lab");
}
