import type { OperationContext } from "../../provider/core/context";
import type { Operations, PreviewResult } from "../../provider/resources/operations";

/**
 * What a front does before an update: it checks the inputs and previews those that pass. Notes go to the log, so that
 * a test reads everything a user sees in one place.
 */
export async function checkAndPreview<Inputs, State extends Inputs>(
  operations: Operations<Inputs, State>,
  olds: Record<string, unknown>,
  news: Record<string, unknown>,
  context: OperationContext,
): Promise<Pick<PreviewResult, "outputs" | "failures"> & { inputs: Record<string, unknown> }> {
  const checked = operations.check(news, context);
  const tell = (notes: PreviewResult["notes"]) => {
    for (const { severity, text } of notes) severity === "warning" ? context.log.warn(text) : context.log.info(text);
  };
  tell(checked.notes);
  const { inputs, failures } = checked;
  if (failures.length > 0) return { inputs, outputs: {}, failures };
  const recorded = Object.keys(olds).length === 0 ? undefined : { inputs: olds };
  const preview = await operations.preview(recorded, inputs as Inputs, context);
  tell(preview.notes);
  return { inputs, outputs: preview.outputs, failures: preview.failures };
}
