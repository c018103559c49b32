import { newOperation, type SlaOperation, type TrackObject } from "../sla-configuration";
import { BAD_NAME, type ConfigurationCommand, type ConfigurationContext } from "./context";

const RUNNING =
  "Entry already running and cannot be modified\n\t(only can delete (no) and start over)\n\t(check to see if the probe has finished exiting)";
const NOT_CONFIGURED = "%Entry not configured";
const ILLEGAL = "%Illegal Value: ";

/** The commands of the global mode for operations and the objects that follow them. */
export const SLA_COMMANDS: readonly ConfigurationCommand[] = [
  { pattern: "ip sla <number>", run: (context, [number]) => enterOperation(context, Number(number)) },
  {
    pattern: "no ip sla <number>",
    run: ({ configuration }, [number]) => {
      configuration.operations = configuration.operations.filter((one) => one.number !== Number(number));
      return undefined;
    },
  },
  {
    pattern: "ip sla schedule <number> life forever start-time now",
    run: ({ configuration }, [number]) => {
      const found = configuration.operations.find((one) => one.number === Number(number));
      if (found?.kind === undefined) return NOT_CONFIGURED;
      found.isScheduled = true;
      return undefined;
    },
  },
  {
    pattern: "no ip sla schedule <number>",
    run: ({ configuration }, [number]) => {
      const found = configuration.operations.find((one) => one.number === Number(number));
      if (found) found.isScheduled = false;
      return undefined;
    },
  },
  ...(["reachability", "state"] as const).map(
    (aspect): ConfigurationCommand => ({
      pattern: `track <number> ip sla <number> ${aspect}`,
      run: (context, [number, operation]) => enterTrack(context, Number(number), Number(operation), aspect),
    }),
  ),
  {
    pattern: "no track <number>",
    run: ({ configuration }, [number]) => {
      configuration.tracks = configuration.tracks.filter((one) => one.number !== Number(number));
      return undefined;
    },
  },
];

/** The commands of `ip sla` before the operation has a kind. */
export const OPERATION_COMMANDS: readonly ConfigurationCommand[] = [
  { pattern: "icmp-echo <ipv4>", run: (context, [address = ""]) => setKind(context, "icmp-echo", address, address) },
  {
    pattern: "icmp-echo <ipv4> source-interface <name>",
    run: (context, [address = "", name]) =>
      setKind(context, "icmp-echo", address, `${address} source-interface ${name}`),
  },
  {
    pattern: "icmp-echo <ipv4> source-ip <ipv4>",
    run: (context, [address = "", source]) => setKind(context, "icmp-echo", address, `${address} source-ip ${source}`),
  },
  {
    pattern: "tcp-connect <ipv4> <number> control disable",
    run: (context, [address = "", port]) =>
      setKind(context, "tcp-connect", address, `${address} ${port} control disable`, Number(port)),
  },
  // A responder of IP SLA has to open the port then.
  {
    pattern: "tcp-connect <ipv4> <number>",
    run: (context, [address = "", port]) =>
      setKind(context, "tcp-connect", address, `${address} ${port}`, Number(port)),
  },
];

/** The commands of an operation with a kind. */
export const KIND_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "tag <line>",
    run: onOperation((one, [tag = ""]) => {
      one.tag = tag;
      return undefined;
    }),
  },
  { pattern: "no tag", run: onOperation((one) => void delete one.tag) },
  {
    pattern: "threshold <number>",
    run: onOperation((one, [value]) => {
      if (Number(value) > one.timeout) return `${ILLEGAL}Cannot set Threshold to be greater than Timeout`;
      one.threshold = Number(value);
      return undefined;
    }),
  },
  {
    pattern: "timeout <number>",
    run: onOperation((one, [value]) => {
      if (Number(value) < one.threshold) return `${ILLEGAL}Cannot set Timeout to be less than Threshold`;
      if (Number(value) > one.frequency * 1000) return `${ILLEGAL}Cannot set Timeout to be greater than Frequency`;
      one.timeout = Number(value);
      return undefined;
    }),
  },
  {
    pattern: "frequency <number>",
    run: onOperation((one, [value]) => {
      if (Number(value) < 1 || Number(value) > 604_800) return BAD_NAME;
      if (Number(value) * 1000 < one.timeout) return `${ILLEGAL}Cannot set Frequency to be less than Timeout`;
      one.frequency = Number(value);
      return undefined;
    }),
  },
];

/** The commands of `track`. */
export const TRACK_COMMANDS: readonly ConfigurationCommand[] = [
  { pattern: "delay down <number>", run: delay(([down]) => ({ down: Number(down) })) },
  { pattern: "delay up <number>", run: delay(([up]) => ({ up: Number(up) })) },
  {
    pattern: "delay down <number> up <number>",
    run: delay(([down, up]) => ({ down: Number(down), up: Number(up) })),
  },
  {
    pattern: "delay up <number> down <number>",
    run: delay(([up, down]) => ({ down: Number(down), up: Number(up) })),
  },
  {
    pattern: "no delay",
    run: onTrack((one) => {
      one.delay = {};
      return undefined;
    }),
  },
];

function enterOperation(context: ConfigurationContext, number: number): string | undefined {
  if (number < 1 || number > 2_147_483_647) return BAD_NAME;
  const { operations } = context.configuration;
  const found = operations.find((one) => one.number === number);
  if (found?.isScheduled) return RUNNING;
  if (!found) operations.push(newOperation(number));
  operations.sort((left, right) => left.number - right.number);
  context.place = { mode: found?.kind === undefined ? "config-ip-sla" : KIND_MODES[found.kind], number };
  return undefined;
}

const KIND_MODES = { "icmp-echo": "config-ip-sla-echo", "tcp-connect": "config-ip-sla-tcp" } as const;

function setKind(
  context: ConfigurationContext,
  kind: keyof typeof KIND_MODES,
  address: string,
  target: string,
  port?: number,
): string | undefined {
  const found = operationOf(context);
  if (!found) return undefined;
  Object.assign(found, { kind, address, target, ...(port !== undefined && { port }) });
  context.place = { mode: KIND_MODES[kind], number: found.number };
  return undefined;
}

function operationOf({ configuration, place }: ConfigurationContext): SlaOperation | undefined {
  return configuration.operations.find(({ number }) => place.mode.startsWith("config-ip-sla") && isAt(place, number));
}

function onOperation(change: (one: SlaOperation, values: string[]) => string | undefined) {
  return (context: ConfigurationContext, values: string[]): string | undefined => {
    const found = operationOf(context);
    return found && change(found, values);
  };
}

function enterTrack(
  context: ConfigurationContext,
  number: number,
  operation: number,
  aspect: TrackObject["aspect"],
): string | undefined {
  if (number < 1 || number > 1000) return BAD_NAME;
  const { tracks } = context.configuration;
  const found = tracks.find((one) => one.number === number);
  if (found) Object.assign(found, { operation, aspect });
  else tracks.push({ number, operation, aspect, delay: {} });
  tracks.sort((left, right) => left.number - right.number);
  context.place = { mode: "config-track", number };
  return undefined;
}

function onTrack(change: (one: TrackObject, values: string[]) => string | undefined) {
  return (context: ConfigurationContext, values: string[]): string | undefined => {
    const { configuration, place } = context;
    const found = configuration.tracks.find(({ number }) => place.mode === "config-track" && isAt(place, number));
    return found && change(found, values);
  };
}

function delay(valuesOf: (values: string[]) => TrackObject["delay"]) {
  return onTrack((one, values) => {
    const given = valuesOf(values);
    if (Object.values(given).some((seconds) => seconds > 180)) return BAD_NAME;
    Object.assign(one.delay, given);
    return undefined;
  });
}

function isAt(place: ConfigurationContext["place"], number: number): boolean {
  return "number" in place && place.number === number;
}
