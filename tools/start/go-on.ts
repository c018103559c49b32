import { say } from "./show";
import { passphraseFile, STACK_NAME } from "./stack";

/** How to use the kept stack with Pulumi's own commands, typed in the project's root. */
export function sayHowToGoOn(stateFolder: string): void {
  // Absent where the user's own PATH has the CLI.
  const folder = process.env.PULUMI_SAFEGUARD_CLI_FOLDER;
  if (folder) say(`   export PATH="${folder}:$PATH"`);
  say(`   export PULUMI_CONFIG_PASSPHRASE_FILE=${passphraseFile(stateFolder)}`);
  say(`   pulumi stack select ${STACK_NAME}`);
  say("   pulumi preview --diff");
  say("   pulumi up");
  say("   npm run lab -- connect            # does a connection pass SPS?");
  say("   npm run lab -- status");
  say("   npm run lab -- down               # ends everything");
}
