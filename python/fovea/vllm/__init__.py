# SPDX-License-Identifier: Apache-2.0
"""vLLM finds encoder outputs in Fovea's tiers: an encoder-cache connector for vLLM's V1 engine.

    vllm serve MODEL --ec-transfer-config '{"ec_connector": "FoveaECConnector",
        "ec_connector_module_path": "fovea.vllm", "ec_role": "ec_both",
        "ec_connector_extra_config": {"disk": "/var/cache/fovea", "shared": "valkey://cache.example"}}'
"""

from fovea.vllm.connector import FoveaECConnector

__all__ = ["FoveaECConnector"]
