# SPDX-License-Identifier: Apache-2.0
"""Muon: momentum whose update is orthogonalised, for the weight matrices of the blocks (Jordan et al., 2024)."""
import torch

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5


def orthogonalised(updates):
    """The nearest semi-orthogonal matrices (roughly) of a stack [count, rows, columns]."""
    tall = updates.shape[1] > updates.shape[2]
    x = updates.mT if tall else updates
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    a, b, c = NEWTON_SCHULZ
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Steps all matrices of one shape at once; parameters must be two-dimensional."""

    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.05):
        super().__init__(parameters, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                shapes.setdefault(p.shape, []).append(p)
            for (rows, columns), same in shapes.items():
                updates = torch.stack([self._momentum(p, group["momentum"]) for p in same])
                scale = group["lr"] * max(1, rows / columns) ** 0.5
                for p, update in zip(same, orthogonalised(updates)):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(update, alpha=-scale)

    def _momentum(self, p, momentum):
        state = self.state[p]
        if "mean" not in state:
            state["mean"] = torch.zeros_like(p)
        state["mean"].lerp_(p.grad, 1 - momentum)
        return p.grad.lerp(state["mean"], momentum)
