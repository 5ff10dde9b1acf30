/** The configuration's name in a home. */
export const CONFIG_NAME = "bascule.yaml";
