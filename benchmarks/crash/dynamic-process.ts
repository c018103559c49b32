import { dynamicFront } from "../../tests/contract/dynamic-front";
import { CollectingEngine } from "../../tests/contract/engine";
import type { FrontProcess, ResourceName } from "../../tests/contract/front";
import type { Calls, ProviderProcess } from "./host-process";

/** Pulumi's own process for dynamic providers, called over gRPC with the stubs that users' state stores. */
export class DynamicProcess implements ProviderProcess {
  private constructor(
    private readonly front: FrontProcess,
    private readonly engine: CollectingEngine,
  ) {}

  static async start(): Promise<DynamicProcess> {
    const engine = await CollectingEngine.start();
    try {
      return new DynamicProcess(await dynamicFront.start(engine.address), engine);
    } catch (error) {
      engine.stop();
      throw error;
    }
  }

  async calls(resource: ResourceName): Promise<Calls> {
    const provider = this.front.provider(dynamicFront.type(resource));
    await provider.configure();
    return provider;
  }

  async kill(): Promise<void> {
    await this.front.end("SIGKILL");
    this.engine.stop();
  }
}
