// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/library_products.h"

#include <array>
#include <map>
#include <tuple>
#include <vector>

#include <cublasLt.h>
#include <dlfcn.h>

namespace engine::cuda {
namespace {

constexpr std::size_t kWorkspaceBytes = 32 << 20;
constexpr int kProposals = 8; // of the library, timed against each other
constexpr int kTimedRuns = 3;

// The library's functions, found by name: nothing links to it.
struct Library
{
    decltype(&cublasLtCreate) create = nullptr;
    decltype(&cublasLtDestroy) destroy = nullptr;
    decltype(&cublasLtGetVersion) version = nullptr;
    decltype(&cublasLtMatmul) matmul = nullptr;
    decltype(&cublasLtMatmulAlgoGetHeuristic) propose = nullptr;
    decltype(&cublasLtMatmulDescCreate) createProduct = nullptr;
    decltype(&cublasLtMatmulDescDestroy) destroyProduct = nullptr;
    decltype(&cublasLtMatmulDescSetAttribute) setProduct = nullptr;
    decltype(&cublasLtMatrixLayoutCreate) createLayout = nullptr;
    decltype(&cublasLtMatrixLayoutDestroy) destroyLayout = nullptr;
    decltype(&cublasLtMatmulPreferenceCreate) createPreference = nullptr;
    decltype(&cublasLtMatmulPreferenceDestroy) destroyPreference = nullptr;
    decltype(&cublasLtMatmulPreferenceSetAttribute) setPreference = nullptr;
};

void *openShared()
{
    const std::string name = "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR);
    const std::string toolkit =
        "/usr/local/cuda-" + std::to_string(CUDART_VERSION / 1000) + "/lib64/";
    for (const std::string &folder :
         {std::string(), std::string("/usr/local/cuda/lib64/"), toolkit}) {
        if (void *shared = dlopen((folder + name).c_str(), RTLD_NOW | RTLD_LOCAL))
            return shared;
    }
    return nullptr;
}

const Library *library()
{
    static const Library *const found = []() -> const Library * {
        void *shared = openShared();
        if (!shared)
            return nullptr;
        static Library one;
        bool isWhole = true;
        const auto find = [&](auto &function, const char *name) {
            function =
                reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(shared, name));
            isWhole = isWhole && function;
        };
        find(one.create, "cublasLtCreate");
        find(one.destroy, "cublasLtDestroy");
        find(one.version, "cublasLtGetVersion");
        find(one.matmul, "cublasLtMatmul");
        find(one.propose, "cublasLtMatmulAlgoGetHeuristic");
        find(one.createProduct, "cublasLtMatmulDescCreate");
        find(one.destroyProduct, "cublasLtMatmulDescDestroy");
        find(one.setProduct, "cublasLtMatmulDescSetAttribute");
        find(one.createLayout, "cublasLtMatrixLayoutCreate");
        find(one.destroyLayout, "cublasLtMatrixLayoutDestroy");
        find(one.createPreference, "cublasLtMatmulPreferenceCreate");
        find(one.destroyPreference, "cublasLtMatmulPreferenceDestroy");
        find(one.setPreference, "cublasLtMatmulPreferenceSetAttribute");
        return isWhole ? &one : nullptr;
    }();
    return found;
}

// How the library does one shape. The library counts columns first: what is (M, N) row-major here
// is an N by M matrix there.
struct Plan
{
    bool isUsed = false;
    cublasLtMatmulDesc_t product = nullptr;
    cublasLtMatrixLayout_t weights = nullptr, rows = nullptr, result = nullptr;
    cublasLtMatmulAlgo_t algorithm = {};
};

class CublasProducts final : public LibraryProducts
{
public:
    CublasProducts(const Library &functions, cublasLtHandle_t handle, DeviceBuffer workspace)
        : m_functions(functions), m_handle(handle), m_workspace(std::move(workspace))
    {
    }
    ~CublasProducts() override
    {
        for (auto &[shape, plan] : m_plans) {
            m_functions.destroyLayout(plan.weights);
            m_functions.destroyLayout(plan.rows);
            m_functions.destroyLayout(plan.result);
            m_functions.destroyProduct(plan.product);
        }
        m_functions.destroy(m_handle);
    }

    std::string name() const override { return libraryName(); }

    bool multiply(const MatrixView &weights, const ProductInput &input, float *product,
                  const Stream &stream) override
    {
        const Shape shape{input.count, weights.rows, weights.columns, input.pitch};
        auto found = m_plans.find(shape);
        if (found == m_plans.end())
            found = m_plans.emplace(shape, choose(weights, input, product, stream)).first;
        const Plan &plan = found->second;
        return plan.isUsed && run(plan, weights, input, product, stream) == CUBLAS_STATUS_SUCCESS;
    }

private:
    using Shape = std::tuple<int, int, int, int>;

    cublasStatus_t run(const Plan &plan, const MatrixView &weights, const ProductInput &input,
                       float *product, const Stream &stream) const
    {
        const float one = 1;
        const float zero = 0;
        return m_functions.matmul(m_handle, plan.product, &one, weights.data, plan.weights,
                                  input.rows, plan.rows, &zero, product, plan.result, product,
                                  plan.result, &plan.algorithm, m_workspace.data(), kWorkspaceBytes,
                                  stream.get());
    }

    // Milliseconds of the best of a few runs, or nothing when it fails.
    double timeOf(const std::function<bool()> &work, const Stream &stream) const
    {
        const Result<Stopwatch> watch = Stopwatch::create();
        double best = 1e30;
        for (int i = 0; watch && i < kTimedRuns; ++i) {
            watch->start(stream);
            const bool isRunning = work();
            watch->stop(stream);
            if (!isRunning || !stream.wait())
                return 1e30;
            best = std::min(best, watch->milliseconds());
        }
        return best;
    }

    Plan choose(const MatrixView &weights, const ProductInput &input, float *product,
                const Stream &stream) const
    {
        Plan plan;
        const auto outputs = std::uint64_t(weights.rows);
        const auto inputs = std::uint64_t(weights.columns);
        const auto count = std::uint64_t(input.count);
        const cublasOperation_t transposed = CUBLAS_OP_T;
        m_functions.createProduct(&plan.product, CUBLAS_COMPUTE_32F, CUDA_R_32F);
        m_functions.setProduct(plan.product, CUBLASLT_MATMUL_DESC_TRANSA, &transposed,
                               sizeof transposed);
        m_functions.createLayout(&plan.weights, CUDA_R_16BF, inputs, outputs, weights.columns);
        m_functions.createLayout(&plan.rows, CUDA_R_16BF, inputs, count, input.pitch);
        m_functions.createLayout(&plan.result, CUDA_R_32F, outputs, count, weights.rows);
        cublasLtMatmulPreference_t preference = nullptr;
        m_functions.createPreference(&preference);
        const std::size_t bytes = kWorkspaceBytes;
        m_functions.setPreference(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes,
                                  sizeof bytes);
        std::array<cublasLtMatmulHeuristicResult_t, kProposals> proposals{};
        int proposed = 0;
        m_functions.propose(m_handle, plan.product, plan.weights, plan.rows, plan.result,
                            plan.result, preference, kProposals, proposals.data(), &proposed);
        m_functions.destroyPreference(preference);
        double best = timeOf(
            [&] {
                launchTiledProduct(weights, input, {.rows = product, .pitch = weights.rows},
                                   stream.get());
                return true;
            },
            stream);
        for (int i = 0; i < proposed; ++i) {
            Plan tried = plan;
            tried.algorithm = proposals[std::size_t(i)].algo;
            const double time = timeOf(
                [&] {
                    return run(tried, weights, input, product, stream) == CUBLAS_STATUS_SUCCESS;
                },
                stream);
            if (time < best) {
                best = time;
                plan = tried;
                plan.isUsed = true;
            }
        }
        return plan;
    }

    const Library &m_functions;
    cublasLtHandle_t m_handle;
    DeviceBuffer m_workspace;
    std::map<Shape, Plan> m_plans;
};

} // namespace

std::string libraryName()
{
    const Library *found = library();
    if (!found)
        return "own kernels";
    const std::size_t version = found->version();
    return "cuBLASLt " + std::to_string(version / 10000) + "." +
           std::to_string(version / 100 % 100) + "." + std::to_string(version % 100);
}

std::unique_ptr<LibraryProducts> openLibrary()
{
    const Library *found = library();
    cublasLtHandle_t handle = nullptr;
    if (!found || found->create(&handle) != CUBLAS_STATUS_SUCCESS)
        return nullptr;
    Result<DeviceBuffer> workspace = DeviceBuffer::allocate(kWorkspaceBytes);
    if (!workspace) {
        found->destroy(handle);
        return nullptr;
    }
    return std::make_unique<CublasProducts>(*found, handle, std::move(*workspace));
}

} // namespace engine::cuda
