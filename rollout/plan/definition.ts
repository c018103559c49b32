import { z } from "zod";

/*
 * The schema of `rollout.yaml`. It is also published as JSON Schema (`schema/rollout.schema.json`), so that editors complete it.
 */

/* Without flags, which a JSON Schema cannot say; of the flag u, its patterns have the meaning. */
const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;
/** A host name or an IP address, without scheme and port. Blanks around it do not count. */
const HOST = /^ *([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*) *$/;
/** Not blank, and nothing that a terminal would obey. */
const TEXT = /^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$/u;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const SELECTOR = /^[\w./-]+=[\w./-]+$/;

/** The longest soak: 30 days. */
const MAXIMUM_SOAK_SECONDS = 2_592_000;

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const name = (what: string) => {
  const allowed = "1 to 64 letters, digits, dots, hyphens and underscores";
  return z.string(allowed).regex(NAME, allowed).describe(what);
};
const text = (what: string) => {
  const allowed = "text that is not empty, in one line";
  return z.string(allowed).regex(TEXT, allowed).describe(what);
};
const host = (what: string) => {
  const allowed = "a host name or an IP address";
  return z.string(allowed).regex(HOST, allowed).describe(what);
};
const time = (what: string) => {
  const allowed = "00:00 to 23:59";
  return z.string(allowed).regex(TIME, allowed).describe(what);
};
const whole = (least: number, most: number, what: string) => {
  const allowed = `${least} to ${most}`;
  return z.int(allowed).min(least, allowed).max(most, allowed).describe(what);
};
const oneOf = <const T extends readonly [string, ...string[]]>(values: T, what: string) =>
  z.enum(values, values.join(", ")).describe(what);

const properties = <T extends z.ZodType<string>>(value: T) => z.record(z.string().min(1), value);

/** Exactly one of some properties, for the validation and for the published schema. */
const exactlyOne = <T extends z.ZodType<object>>(schema: T, names: readonly string[]) => {
  const text = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return schema
    .refine((value) => names.filter((name) => (value as Record<string, unknown>)[name] !== undefined).length === 1, {
      error: `set exactly one of ${text}.`,
    })
    .meta({ oneOf: names.map((name) => ({ required: [name] })) });
};

const labels = properties(z.string("text in quotes")).describe("Labels, by which waves select sites.");

/** What the published schema says of a property that has no meaning unless another one has a value. */
const needs = (name: string, other: string, value: unknown) => ({
  if: { required: [name] },
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema.
  then: { required: [other], properties: { [other]: { const: value } } },
});

export const site = z
  .strictObject({
    name: name("The name of the site, unique in the rollout."),
    stack: text("The Pulumi stack of the site; default: its name.").optional(),
    spp: host("The address of the SPP that the site is joined to. Sites of one SPP are applied one at a time."),
    labels: labels.optional(),
    config: properties(z.string("text in quotes"))
      .describe(
        "Stack configuration that is set before each run. Never put secrets here; use `pulumi config set --secret`.",
      )
      .optional(),
    frozen: z.boolean("true, false").describe("Never touches the site, and shows it as frozen.").optional(),
    frozenReason: text("Why the site is frozen; is shown with it.").optional(),
  })
  .refine(({ frozen, frozenReason }) => frozen === true || frozenReason === undefined, {
    path: ["frozenReason"],
    error: "the site is not frozen; set frozen: true, or remove the reason.",
  })
  .meta(needs("frozenReason", "frozen", true))
  .describe("One site: one stack of the program.");

const csvSource = z
  .strictObject({
    csv: text("A CSV file with a header. Columns: name, spp, stack, frozen, frozenReason, label:NAME and config:KEY."),
    spp: host("The SPP of rows without one.").optional(),
  })
  .describe("Sites from the rows of a CSV file.");

const stacksSource = z
  .strictObject({
    stacks: text("A glob of stack settings files of the program, such as Pulumi.branch-*.yaml."),
    spp: host("The SPP of the sites whose settings file does not name one.").optional(),
    sppFrom: text("The key of stack configuration that names the SPP of each site, such as many-sites:spp.").optional(),
    labels: labels.optional(),
    labelsFrom: properties(text("A key of stack configuration."))
      .describe(
        "Labels by the key of stack configuration that has the value of each, such as region: many-sites:region.",
      )
      .optional(),
  })
  .describe("One site for each stack settings file.");

export const gates = {
  approval: z.boolean("true, false").describe("Waits for `rollout approve` before the first site.").optional(),
  soakSeconds: whole(0, MAXIMUM_SOAK_SECONDS, "Waits this long after the last site, before the next wave.").optional(),
  doctor: z
    .boolean("true, false")
    .describe(
      "After the soak time, examines each site with `pulumi-safeguard doctor`. A failed check is a failed site.",
    )
    .optional(),
  trafficSeconds: whole(
    1,
    600,
    "After the soak time, watches each site for this long. A site whose clients do not pass SPS is failed, one without new sessions at SPS unknown.",
  ).optional(),
  window: z
    .strictObject({
      days: z.array(oneOf(WEEKDAYS, "A day on which the window opens.")).min(1, "a list of at least 1").optional(),
      from: time("The time at which the window opens."),
      to: time("The time at which it closes; earlier than `from`: next day."),
      timezone: text("An IANA time zone such as Europe/Berlin; default UTC.").optional(),
    })
    .describe("Starts sites only within this window.")
    .optional(),
};

const wave = exactlyOne(
  z.strictObject({
    name: name("The name of the wave; default: wave-1, wave-2 and so on.").optional(),
    label: z
      .string("NAME=VALUE")
      .regex(SELECTOR, "NAME=VALUE")
      .describe("Takes the remaining sites with this label.")
      .optional(),
    count: whole(1, 100_000, "Takes this many of the remaining sites.").optional(),
    percent: whole(1, 100, "Takes this share of all sites, rounded up, from the remaining ones.").optional(),
    rest: z.literal(true, "true").describe("Takes all remaining sites.").optional(),
    ...gates,
  }),
  ["label", "count", "percent", "rest"],
).describe("One wave. Exactly one of label, count, percent and rest selects its sites.");

const canary = exactlyOne(
  z.strictObject({
    sites: z.array(name("The name of a site.")).min(1, "a list of at least 1").optional(),
    count: whole(1, 1000, "Takes the first sites of the list.").optional(),
    ...gates,
  }),
  ["sites", "count"],
).describe("The first wave. Exactly one of sites and count selects its sites.");

export const definition = z
  .strictObject({
    name: name("The name of the rollout, unique in its database."),
    program: text("The folder of the Pulumi program, relative to this file."),
    sites: z
      .union(
        [z.array(site).min(1, "a list of at least 1"), csvSource, stacksSource],
        "a list of sites, or a group with csv or stacks",
      )
      .describe("The sites: a list, a CSV file, or a glob of stack settings files."),
    canary: canary.optional(),
    waves: z
      .array(wave)
      .min(1, "a list of at least 1")
      .optional()
      .describe("The waves in order; default: one wave of all sites."),
    parallelism: whole(1, 500, "How many sites are in work at a time. Each SPP has one at a time.").default(5),
    coolDownSeconds: whole(0, 86_400, "Waits this long after a change, before the next one at the same SPP.").default(
      0,
    ),
    changeSeconds: whole(
      1,
      86_400,
      "How long a change usually takes, until enough changes of this rollout, or an earlier one of the same name, have shown it. A window must fit it twice.",
    ).default(600),
    onFailure: oneOf(
      ["stop", "hold", "continue"],
      "After a failed site: stop ends the rollout, hold waits for an operator, continue goes on within the failure budget.",
    ).default("hold"),
    failureBudget: z
      .strictObject({
        perWave: whole(0, 100_000, "How many sites of one wave may fail.").default(0),
        total: whole(0, 100_000, "How many sites may fail in all.").default(0),
      })
      .describe("How many sites may fail before the rollout holds. Needs onFailure: continue.")
      .optional(),
  })
  .superRefine(({ failureBudget, onFailure }, context) => {
    if (failureBudget === undefined || onFailure === "continue") return;
    const message = `has no effect with onFailure: ${onFailure}; remove it or set onFailure: continue.`;
    context.addIssue({ code: "custom", path: ["failureBudget"], message });
  })
  .meta(needs("failureBudget", "onFailure", "continue"))
  .describe("A rollout of Safeguard for Pulumi.");

/** The content of `rollout.yaml`, with its defaults. */
export type Definition = z.output<typeof definition>;
export type StacksSource = z.output<typeof stacksSource>;
export type SiteDefinition = z.output<typeof site>;
export type WaveDefinition = z.output<typeof wave>;
export type CanaryDefinition = z.output<typeof canary>;
export type Window = NonNullable<WaveDefinition["window"]>;
