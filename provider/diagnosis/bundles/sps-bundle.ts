import { z } from "zod";
import { type ErrorCode, messageOf, SafeguardError } from "../../core/errors";
import { poll } from "../../core/poll";
import { type SpsClient, SpsRefusal } from "../../sps/client";
import { type SavedFile, saveArchive } from "./archive-file";

const BUNDLES = "/api/troubleshooting/support-bundle";
/** Attempts of one download; the bundle stays on the node meanwhile. */
const ATTEMPTS = 3;
/** How long the answer to the start may take after a cancel. */
const ANSWER_SECONDS = 10;
const BY_HAND = "collect it on the web page of the node: Basic Settings > Troubleshooting";

const jobAnswer = z.looseObject({
  key: z.union([z.string(), z.number()]).transform(String),
  body: z.looseObject({ status: z.string().nullish() }).nullish(),
});
const jobsAnswer = z.looseObject({ items: z.array(jobAnswer) });

type Job = z.output<typeof jobAnswer>;

export interface SpsBundleOptions {
  path: string;
  /** Whether a bundle that is there already is replaced: a node keeps one. */
  replace: boolean;
  limitSeconds: number;
  onBytes(bytes: number): void;
  /** Called when the bundle could not be removed from the node. */
  onWarning(text: string): void;
}

/**
 * Makes the support bundle of one node, saves it, and removes it from the node (SPS REST reference §12.3).
 * @throws SafeguardError SG1014, SG1015, SG1017, SG1019, SG1020, SG1021
 */
export async function collectSpsBundle(
  client: SpsClient,
  { path, replace, limitSeconds, onBytes, onWarning }: SpsBundleOptions,
): Promise<SavedFile> {
  if (!replace) await refuseOther(client);
  // Cut off, the bundle would stay on the node, and nobody would know its key.
  const start = client.send("POST", BUNDLES, undefined, { secondsAfterCancel: ANSWER_SECONDS });
  const { key } = client.expect("start support bundle", await explained(start), jobAnswer);
  const job = `${BUNDLES}/${encodeURIComponent(key)}`;
  try {
    await waitUntilFinished(client, job, limitSeconds);
    return await download(client, job, path, onBytes);
  } finally {
    await remove(client, job).catch((error: unknown) => {
      onWarning(`${client.object}: the bundle stays on the node, which removes it after 24 hours: ${messageOf(error)}`);
    });
  }
}

/** The session may have expired during the download. */
async function remove(client: SpsClient, job: string): Promise<void> {
  const attempt = () => client.send("DELETE", job, undefined, { evenIfCancelled: true });
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof SpsRefusal) || error.status !== 401) throw error;
    await client.login();
    await attempt();
  }
}

/** Someone else may be about to download it. */
async function refuseOther(client: SpsClient): Promise<void> {
  const [job] = (await explained(client.get(BUNDLES, jobsAnswer))).items;
  if (!job) return;
  const state = statusOf(job) === "finished" ? "is there already" : "is being made already";
  throw new SafeguardError({
    code: "SG1019",
    object: client.object,
    step: "start support bundle",
    cause: `a support bundle ${state}`,
    remedy: "wait until it is downloaded or removed (SPS removes it after 24 hours), or add --replace",
  });
}

function waitUntilFinished(client: SpsClient, job: string, limitSeconds: number): Promise<true> {
  const options = {
    object: client.object,
    awaiting: "the support bundle",
    limitSeconds,
    firstMilliseconds: 500,
    maximumMilliseconds: 10_000,
    code: "SG1020" as const,
  };
  return poll<true>(client.context, options, async () => {
    const status = statusOf(await explained(client.get(job, jobAnswer)));
    return status === "finished" ? { done: true } : { seen: status };
  });
}

async function download(
  client: SpsClient,
  job: string,
  path: string,
  onBytes: (bytes: number) => void,
): Promise<SavedFile> {
  const file = { object: client.object, path, kind: "tar.gz" as const };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await saveArchive(await explained(client.download(`${job}/download`)), file, onBytes);
    } catch (error) {
      const mayPass: readonly ErrorCode[] = ["SG1017", "SG1021"];
      const isFinal = attempt >= ATTEMPTS || !(error instanceof SafeguardError) || !mayPass.includes(error.code);
      if (isFinal) throw error;
    }
  }
}

const statusOf = ({ body }: Job) => body?.status ?? "no status";

/** Refusals of a node that has no support bundles over REST, or keeps them from the account, say what to do instead. */
async function explained<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof SpsRefusal)) throw error;
    const changes: Record<number, { cause?: string; remedy: string }> = {
      403: { remedy: `give the user read and write/perform on Basic Settings > Troubleshooting, or ${BY_HAND}` },
      404: { cause: "this firmware makes no support bundles over REST, or the bundle is gone", remedy: BY_HAND },
    };
    const changed = changes[error.status];
    throw changed ? new SafeguardError({ ...error.text, code: error.code, ...changed }) : error;
  }
}
