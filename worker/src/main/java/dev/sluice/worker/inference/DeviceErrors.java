package dev.sluice.worker.inference;

import dev.sluice.worker.model.DeviceException;
import dev.sluice.worker.model.DeviceException.Kind;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells by the text of ONNX Runtime's error whether a batch failed or its device did. The text is
 * all there is: ONNX Runtime's own code is the same (6, RUNTIME_EXCEPTION) for all of these.
 */
final class DeviceErrors {
  /**
   * Of ONNX Runtime's arena, of CUDA, cuBLAS, cuDNN and TensorRT, and of the processor's allocator.
   */
  private static final List<String> OUT_OF_MEMORY =
      List.of(
          "Failed to allocate memory for requested buffer of size",
          "is smaller than requested bytes of",
          "CUDA failure 2:",
          "CUDA error 2:",
          "Cuda Error in allocate: 2",
          "cudaErrorMemoryAllocation",
          "CUDA_ERROR_OUT_OF_MEMORY",
          "CUBLAS_STATUS_ALLOC_FAILED",
          "CUDNN_STATUS_ALLOC_FAILED",
          "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED",
          "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
          "std::bad_alloc",
          "bad allocation");

  /** How ONNX Runtime's CUDA provider begins an error of the CUDA runtime. */
  private static final Pattern CUDA_FAILURE = Pattern.compile("CUDA (?:failure|error) (\\d{1,4}):");

  /**
   * Errors of CUDA's runtime (cudaError_t) after which the process can do nothing more on the
   * device: those that the documentation calls inconsistent ("the process must be terminated and
   * relaunched") and those that say that the device, its driver or its server is not there.
   */
  private static final Set<Integer> GONE =
      Set.of(
          3, // cudaErrorInitializationError
          4, // cudaErrorCudartUnloading: driver shutting down
          35, // cudaErrorInsufficientDriver: the driver was exchanged underneath
          46, // cudaErrorDevicesUnavailable
          77, // cudaErrorIllegalAddress before CUDA 10.1
          100, // cudaErrorNoDevice
          127, // cudaErrorStartupFailure
          201, // cudaErrorDeviceUninitialized
          214, // cudaErrorECCUncorrectable
          220, // cudaErrorNvlinkUncorrectable
          226, // cudaErrorContained
          700, // cudaErrorIllegalAddress
          702, // cudaErrorLaunchTimeout
          709, // cudaErrorContextIsDestroyed
          710, // cudaErrorAssert
          714, // cudaErrorHardwareStackError
          715, // cudaErrorIllegalInstruction
          716, // cudaErrorMisalignedAddress
          717, // cudaErrorInvalidAddressSpace
          718, // cudaErrorInvalidPc
          719, // cudaErrorLaunchFailure
          721, // cudaErrorTensorMemoryLeak
          802, // cudaErrorSystemNotReady
          805, // cudaErrorMpsConnectionFailed
          806, // cudaErrorMpsRpcFailure
          807, // cudaErrorMpsServerNotReady
          810, // cudaErrorMpsClientTerminated
          999); // cudaErrorUnknown

  /** The same in words, for texts that come without the provider's number. */
  private static final List<String> GONE_TEXTS =
      List.of(
          "an illegal memory access was encountered",
          "unspecified launch failure",
          "device-side assert triggered",
          "uncorrectable ECC error encountered",
          "uncorrectable NVLink error",
          "CUDA-capable device(s) is/are busy or unavailable",
          "all CUDA-capable devices are busy or unavailable",
          "no CUDA-capable device is detected",
          "driver shutting down",
          "CUDA_ERROR_DEINITIALIZED",
          "CUDA_ERROR_ILLEGAL_ADDRESS",
          "CUDA_ERROR_LAUNCH_FAILED",
          "CUDA_ERROR_ECC_UNCORRECTABLE",
          "GPU has fallen off the bus",
          "device lost");

  private DeviceErrors() {}

  /**
   * What to throw for a batch that failed.
   *
   * @param doing what was being done, for people; the message follows it
   * @param message of ONNX Runtime
   * @return a {@link DeviceException} when the device failed, else a {@link TaskException} with
   *     MODEL_FAILED: one image of the batch may be the reason
   */
  static RuntimeException classified(String doing, String message, Throwable cause) {
    String said = doing + ": " + message;
    return kind(message)
        .<RuntimeException>map(kind -> new DeviceException(kind, said, cause))
        .orElseGet(() -> new TaskException(ErrorCode.MODEL_FAILED, said, cause));
  }

  /** How the device failed, empty when it did not. */
  static Optional<Kind> kind(String message) {
    if (OUT_OF_MEMORY.stream().anyMatch(message::contains)) {
      return Optional.of(Kind.OUT_OF_MEMORY);
    }
    Matcher failure = CUDA_FAILURE.matcher(message);
    boolean gone =
        failure.find()
            ? GONE.contains(Integer.parseInt(failure.group(1)))
            : GONE_TEXTS.stream().anyMatch(message::contains);
    return gone ? Optional.of(Kind.GONE) : Optional.empty();
  }
}
