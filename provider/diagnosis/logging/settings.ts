export { DEFAULT_LOG_LEVEL, type LogSettings, SECRET_LOG_LEVEL } from "../../sps/log-settings";
