import { followUps } from "../../dist/lab/cli/format";
import { say } from "./show";
import { passphraseFile, STACK_NAME } from "./stack";

/** Prints how to use the kept stack with Pulumi's own commands in the project's root. */
export function printNextSteps(stateFolder: string, labName: string): void {
  const { connect, status, down } = followUps(labName);
  // Unset when the CLI is on the user's PATH.
  const folder = process.env.PULUMI_SAFEGUARD_CLI_FOLDER;
  if (folder) say(`   export PATH="${folder}:$PATH"`);
  say(`   export PULUMI_CONFIG_PASSPHRASE_FILE=${passphraseFile(stateFolder)}`);
  say(`   pulumi stack select ${STACK_NAME}`);
  say("   pulumi preview --diff");
  say("   pulumi up");
  say(`   ${connect}   # shows whether a connection passes SPS`);
  say(`   ${status}`);
  say(`   ${down}   # stops the lab`);
}
