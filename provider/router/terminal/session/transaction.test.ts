import assert from "node:assert/strict";
import { RecordingLog } from "../../../../tests/support/recording-log";
import { operationContext } from "../../../core/context";
import { messageOf } from "../../../core/errors";
import type { PlatformContext } from "../../platform";
import type { CommandStep } from "../steps";
import { type CommandLine, CommandRefused } from "./command-line";
import { NotConfirmed, runTransaction } from "./transaction";

const step = (name: string, more: Partial<CommandStep> = {}): CommandStep => ({
  title: `make ${name}`,
  commands: [`${name} 1`, `${name} 2`],
  undo: [`no ${name}`],
  ...more,
});

/** Runs steps on a router that does what it is asked, but for the given answers. */
async function failing(
  steps: CommandStep[],
  windowSeconds: number,
  answer: (command: string) => Promise<string> | string = () => "",
) {
  const log = new RecordingLog();
  const entered: string[] = [];
  const exec = async (command: string) => {
    entered.push(command);
    return await answer(command);
  };
  const configureTogether = async (commands: string[]) => {
    if (commands.length > 0) await exec(commands.join("+"));
  };
  const session = { object: "router 10.0.0.9", exec, configure: exec, configureTogether } as unknown as CommandLine;
  const context = operationContext({ log, resource: { name: "r", urn: "urn" } }) as unknown as PlatformContext;
  const undone: string[] = [];
  const error = await runTransaction(
    {
      session,
      withNewLogin: async () => assert.fail("no login"),
      context,
      steps,
      windowSeconds,
      procedure: {
        isRollingBackAlone: true,
        begin: async () => undefined,
        finish: async () => undefined,
        confirm: async (fresh, check) => await check(fresh),
        restore: async (_, begun) => {
          undone.push(...begun.map(({ title }) => title));
          return true;
        },
      },
    },
    async () => undefined,
  ).then(() => assert.fail("it succeeded"), messageOf);
  return { error, entered, undone, log: log.all.join("\n") };
}

const waiting = (isRequired: boolean, excuse?: RegExp) =>
  step("watch", {
    commands: [],
    awaits: {
      limitSeconds: 60,
      outputs: ["1", "2", "3"].map((name) => ({
        title: `track ${name} to come up`,
        command: `show ${name}`,
        output: /Up/,
        missed: (seconds: number) => `track ${name} did not come up in ${seconds} s`,
        isRequired,
        ...(excuse && { excuse: { command: "show old", output: excuse } }),
      })),
    },
  });

describe("a transaction on the command line of a router", () => {
  it("does not undo a step whose first command was refused, because its objects may be of others", async () => {
    const refusing = (refused: string) => (command: string) => {
      if (command === refused) throw new CommandRefused(command, "% Error", "change the configuration");
      return "";
    };
    const first = await failing([step("list"), step("watch")], 60, refusing("watch 1"));
    assert.deepEqual(first.undone, ["make list"]);
    assert.match(first.error, /make watch: .*`watch 1` was refused/);
    const second = await failing([step("list"), step("watch")], 60, refusing("watch 2"));
    assert.deepEqual(second.undone, ["make list", "make watch"]);
  });

  it("enters the first commands of a step together where it says so", async () => {
    const { entered } = await failing([step("map", { commands: ["a", "b", "c"], together: 2 })], 60);
    assert.deepEqual(entered, ["a+b", "c"]);
  });

  const grouped = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      step(`rule${index}`, { commands: [`rule${index} match`, `rule${index} act`], together: 1, group: "rules" }),
    );

  it("undoes of steps that are entered together those of which a command was executed, and no others", async () => {
    const batches: string[][] = [];
    const answer = (command: string) => {
      if (!command.includes("+")) return "";
      batches.push(command.split("+"));
      throw new CommandRefused("rule1 match", "% Error", "change the configuration", ["rule0 match", "rule3 match"]);
    };
    const { undone, error } = await failing([step("table"), ...grouped(4)], 60, answer);
    assert.deepEqual(batches, [["rule0 match", "rule1 match", "rule2 match", "rule3 match"]]);
    assert.deepEqual(undone, ["make table", "make rule0", "make rule3"]);
    assert.match(error, /make rule1: .*`rule1 match` was refused/);
  });

  it("undoes every step with a refused last command, because its first ones were executed", async () => {
    const answer = (command: string) => {
      if (command.includes("act"))
        throw new CommandRefused("rule1 act", "% Error", "change the configuration", ["rule0 act"]);
      return "";
    };
    const { undone } = await failing(grouped(3), 60, answer);
    assert.deepEqual(undone, ["make rule0", "make rule1", "make rule2"]);
  });

  it("does not undo steps whose commands were not sent yet when the session was lost", async () => {
    let sendings = 0;
    const answer = () => {
      sendings += 1;
      throw new NotConfirmed("lost");
    };
    const long = grouped(10).map((one) => ({ ...one, commands: [...one.commands, ...one.commands], together: 3 }));
    const { undone } = await failing(long, 60, answer);
    assert.deepEqual([sendings, undone.length, undone.at(-1)], [1, 7, "make rule6"]);
  });

  it("stops entering commands when the commit window has expired", async () => {
    const slow = () => new Promise<string>((resolve) => setTimeout(resolve, 60, ""));
    const { error, entered, undone } = await failing([step("one"), step("two"), step("three")], 0.1, slow);
    assert.deepEqual([entered, undone], [["one 1", "one 2"], ["make one"]]);
    assert.match(error, /make two: the commit window of 0\.1 s expired/);
  });

  it("names the commit window when it expires before a login was possible", async () => {
    const slow = () => new Promise<string>((resolve) => setTimeout(resolve, 60, ""));
    const { error } = await failing([step("one")], 0.1, slow);
    assert.match(error, /the commit window of 0\.1 s expired before a login was possible/);
  });

  it("waits for all outputs of a step within one quarter of the commit window", async () => {
    const begin = performance.now();
    const { log, entered } = await failing([waiting(false), step("list")], 4, () => "Down");
    assert.ok(performance.now() - begin < 3000, "one wait, not three");
    for (const name of ["1", "2", "3"]) assert.match(log, new RegExp(`track ${name} did not come up in 1 s`));
    assert.ok(entered.includes("list 2"));
  });

  it("rolls back when a required output does not come, unless another one excuses that", async () => {
    const { error, undone, entered } = await failing([waiting(true, /never/), step("list")], 4, () => "Down");
    assert.match(error, /track 1 did not come up in 1 s/);
    assert.deepEqual([undone, entered.includes("list 1")], [["make watch"], false]);
    const excused = await failing([waiting(true, /Down/), step("list")], 4, () => "Down");
    assert.ok(excused.entered.includes("list 1"));
  });
});
