import { dynamicFront } from "../../tests/contract/dynamic-front";
import type { ResourceName } from "../../tests/contract/front";
import { type Properties, ProviderError } from "../../tests/contract/provider";
import type { Calls, ProviderProcess } from "./host-process";

/** A resource as the engine's state stores it. */
interface Kept {
  id: string;
  inputs: Properties;
  outputs: Properties;
  /** Created in part: the next run always updates it. */
  isPartial: boolean;
}

/** A program's inputs of the two resources. The join also gets the cluster's id. */
export interface Program {
  cluster: Properties;
  join: Properties;
}

/**
 * A stack between runs. It stores only what the engine would store: nothing of a resource whose create was killed.
 */
export class KeptStack {
  private readonly kept = new Map<ResourceName, Kept>();

  constructor(
    private readonly program: Program,
    private readonly start: () => Promise<ProviderProcess> | ProviderProcess,
  ) {}

  /**
   * Runs one `pulumi up` with a new provider process and the engine's calls: check, diff, then create or update, one
   * resource after another. Leaves out the preview, which only reads.
   * @throws ProviderError when an operation fails or its process is gone
   */
  async up(onStart: (provider: ProviderProcess) => void = () => undefined): Promise<void> {
    const provider = await this.start();
    try {
      onStart(provider);
      const cluster = await this.applyOnce(provider, "SpsCluster", this.program.cluster);
      await this.applyOnce(provider, "SppJoin", { ...this.program.join, clusterId: cluster.clusterId });
    } finally {
      await provider.kill();
    }
  }

  /** The outputs of a resource; undefined when it is not recorded or only in part. */
  outputs(resource: ResourceName): Properties | undefined {
    const kept = this.kept.get(resource);
    return kept && !kept.isPartial ? kept.outputs : undefined;
  }

  private async applyOnce(provider: ProviderProcess, resource: ResourceName, wanted: Properties): Promise<Properties> {
    const calls = await provider.calls(resource);
    try {
      const olds = this.kept.get(resource)?.inputs ?? {};
      const { inputs, failures } = await calls.check(olds, dynamicFront.encode(resource, wanted));
      const [failure] = failures;
      if (failure) throw new ProviderError(`${resource}: ${failure.reason}`, undefined);
      return await this.apply(calls, resource, inputs);
    } finally {
      calls.close();
    }
  }

  private async apply(calls: Calls, resource: ResourceName, inputs: Properties): Promise<Properties> {
    const kept = this.kept.get(resource);
    try {
      if (!kept) {
        const { id, properties } = await calls.create(inputs);
        this.kept.set(resource, { id, inputs, outputs: properties, isPartial: false });
      } else if (kept.isPartial || (await calls.diff(kept.id, kept.outputs, inputs)).changes) {
        const outputs = await calls.update(kept.id, kept.outputs, inputs);
        this.kept.set(resource, { id: kept.id, inputs, outputs, isPartial: false });
      }
    } catch (error) {
      const partial = error instanceof ProviderError ? error.partial : undefined;
      if (partial) this.kept.set(resource, { id: partial.id, inputs, outputs: partial.properties, isPartial: true });
      throw error;
    }
    return this.kept.get(resource)?.outputs ?? {};
  }
}
