import { dynamicFront } from "../../tests/contract/dynamic-front";
import type { ResourceName } from "../../tests/contract/front";
import { type Properties, ProviderError } from "../../tests/contract/provider";
import type { Calls, ProviderProcess } from "./host-process";

/** A resource as the engine's state stores it. */
interface RecordedResource {
  id: string;
  inputs: Properties;
  outputs: Properties;
  /** True when it is created only in part, so that the next run updates it. */
  isPartial: boolean;
}

/** A program's inputs of the two resources. The join also gets the cluster's id. */
export interface Program {
  cluster: Properties;
  join: Properties;
}

/**
 * A stack that records between runs what the engine would record: nothing for a resource whose create was killed.
 */
export class RecordedStack {
  private readonly recorded = new Map<ResourceName, RecordedResource>();

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
    const recorded = this.recorded.get(resource);
    return recorded && !recorded.isPartial ? recorded.outputs : undefined;
  }

  private async applyOnce(provider: ProviderProcess, resource: ResourceName, wanted: Properties): Promise<Properties> {
    const calls = await provider.calls(resource);
    try {
      const olds = this.recorded.get(resource)?.inputs ?? {};
      const { inputs, failures } = await calls.check(olds, dynamicFront.encode(resource, wanted));
      const [failure] = failures;
      if (failure) throw new ProviderError(`${resource}: ${failure.reason}`, undefined);
      return await this.apply(calls, resource, inputs);
    } finally {
      calls.close();
    }
  }

  private async apply(calls: Calls, resource: ResourceName, inputs: Properties): Promise<Properties> {
    const recorded = this.recorded.get(resource);
    try {
      if (!recorded) {
        const { id, properties } = await calls.create(inputs);
        this.recorded.set(resource, { id, inputs, outputs: properties, isPartial: false });
      } else if (recorded.isPartial || (await calls.diff(recorded.id, recorded.outputs, inputs)).changes) {
        const outputs = await calls.update(recorded.id, recorded.outputs, inputs);
        this.recorded.set(resource, { id: recorded.id, inputs, outputs, isPartial: false });
      }
    } catch (error) {
      const partial = error instanceof ProviderError ? error.partial : undefined;
      if (partial)
        this.recorded.set(resource, { id: partial.id, inputs, outputs: partial.properties, isPartial: true });
      throw error;
    }
    return this.recorded.get(resource)?.outputs ?? {};
  }
}
