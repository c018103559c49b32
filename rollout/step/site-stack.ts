import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import { configIn, stackSettingsFile, wholeKey } from "../plan/stack-settings";
import { pulumiCli } from "./pulumi-cli";

/**
 * Opens the stack of a site, with the configuration of the site in its settings file. Each start of the CLI costs a second of a processor,
 * so none starts without need: the first command that does not find the stack creates it, and configuration that is set already is not
 * set again. The stack that the user has selected stays selected. Pulumi writes into the settings file when it creates a stack, after which
 * `onCreated` is called.
 */
export async function openSiteStack(
  programFolder: string,
  name: string,
  config: Readonly<Record<string, string>>,
  onCreated: () => void,
): Promise<Stack> {
  const pulumiCommand = await pulumiCli(programFolder, name, { onCreated });
  const workspace = await LocalWorkspace.create({ workDir: programFolder, pulumiCommand });
  // Every command names its stack.
  workspace.selectStack = async () => {};
  const stack = await Stack.select(name, workspace);
  // What `up` asks for afterwards, and nobody here reads.
  Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
  const missing = Object.entries(config).filter(([key, value]) => !isSet(programFolder, name, key, value));
  if (missing.length > 0) await stack.setAllConfig(Object.fromEntries(missing.map(([key, value]) => [key, { value }])));
  return stack;
}

/** Whether the settings file of a stack has a value in plain text. */
const isSet = (programFolder: string, stack: string, key: string, value: string) =>
  configIn(stackSettingsFile(programFolder, stack))[wholeKey(programFolder, key)] === value;
